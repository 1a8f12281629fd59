namespace Pulp.PluginSdk.Plugin;

/// <summary>The operations that families of resources have.</summary>
[Flags]
public enum Operations
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>The kind's list.</summary>
    List = 1,

    /// <summary>Reading one.</summary>
    Read = 1 << 1,

    /// <summary>Creating one; of content also the synchronous upload.</summary>
    Create = 1 << 2,

    /// <summary>Changing one, in whole (PUT) and in part (PATCH).</summary>
    Update = 1 << 3,

    /// <summary>Deleting one.</summary>
    Delete = 1 << 4,

    /// <summary>Setting and unsetting one label.</summary>
    Labels = 1 << 5,

    /// <summary>Adding content to a repository, and removing it.</summary>
    Modify = 1 << 6,

    /// <summary>Deleting a repository's versions.</summary>
    DeleteVersion = 1 << 7,

    /// <summary>Repairing a repository's versions.</summary>
    RepairVersion = 1 << 8,

    /// <summary>Giving and taking roles on one resource, and saying which there are and what one may do.</summary>
    Roles = 1 << 9,
}
