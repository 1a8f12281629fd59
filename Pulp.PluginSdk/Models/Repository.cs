using Pulp.PluginSdk.Fields;

namespace Pulp.PluginSdk.Models;

/// <summary>A named, versioned set of content.</summary>
public abstract record Repository : MasterResource
{
    /// <summary>Labels as JSON.</summary>
    [Field("Labels.", Json = JsonShape.Labels)]
    public string PulpLabels { get; init; } = "{}";

    /// <summary>Unique name.</summary>
    [Field("A unique name for this repository.", Filter = Lookups.Text, Unique = true)]
    public required string Name { get; init; }

    /// <summary>Description.</summary>
    [Field("An optional description.")]
    public string? Description { get; init; }

    /// <summary>How many versions are kept.</summary>
    [Field(
        "Retain X versions of the repository. Default is null which retains all versions.",
        Minimum = 1,
        Filter = Lookups.Number
    )]
    public long? RetainRepoVersions { get; init; }

    /// <summary>Default upstream.</summary>
    [Field("An optional remote to use by default when syncing.", References = typeof(Remote), Filter = Lookups.Exact)]
    public Guid? Remote { get; init; }

    /// <summary>Number of the version that comes next.</summary>
    [Field("Number of the version that comes next.", Internal = true)]
    internal long NextVersion { get; init; }

    /// <summary>Made by the server for its own use and hidden from lists.</summary>
    [Field("Hidden from users.", Internal = true)]
    internal bool UserHidden { get; init; }
}

/// <summary>One immutable state of a repository.</summary>
/// <param name="PulpId">Id of the version.</param>
/// <param name="RepositoryId">Its repository.</param>
/// <param name="Number">Its number.</param>
public sealed record RepositoryVersionRef(Guid PulpId, Guid RepositoryId, long Number);
