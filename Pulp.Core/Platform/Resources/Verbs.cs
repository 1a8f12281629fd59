using Pulp.PluginSdk.Plugin;

namespace Pulp.Core.Platform.Resources;

/// <summary>What of the usual operations a kind has, and whether they are tasks.</summary>
[Flags]
internal enum Verbs
{
    None = 0,
    List = 1,
    Read = 2,
    Create = 4,
    CreateTask = 8,
    Update = 16,
    Delete = 32,
    DeleteTask = 64,
    Labels = 128,

    /// <summary>Update at once, not by a task.</summary>
    UpdateNow = 256,

    /// <summary>Giving and taking roles on one, and saying which there are and what one may do.</summary>
    Roles = 512,

    /// <summary>List, read, and changes as tasks.</summary>
    Changeable = List | Read | Update | DeleteTask,
}

internal static class VerbsExtensions
{
    /// <summary>What is left where a plugin leaves some out.</summary>
    public static Verbs Without(this Verbs verbs, Operations left) =>
        verbs
        & ~(
            Of(left, Operations.List, Verbs.List)
            | Of(left, Operations.Read, Verbs.Read)
            | Of(left, Operations.Create, Verbs.Create | Verbs.CreateTask)
            | Of(left, Operations.Update, Verbs.Update | Verbs.UpdateNow)
            | Of(left, Operations.Delete, Verbs.Delete | Verbs.DeleteTask)
            | Of(left, Operations.Labels, Verbs.Labels)
            | Of(left, Operations.Roles, Verbs.Roles)
        );

    private static Verbs Of(Operations left, Operations operation, Verbs verbs) =>
        left.HasFlag(operation) ? verbs : Verbs.None;
}
