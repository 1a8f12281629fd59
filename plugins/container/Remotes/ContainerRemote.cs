using Pulp.PluginSdk.Fields;
using Pulp.PluginSdk.Models;

namespace PulpContainer.Remotes;

/// <summary>One repository of another registry.</summary>
public sealed record ContainerRemote : Remote
{
    /// <summary>Its name there.</summary>
    [Field("Name of the repository on the upstream registry, such as library/busybox.")]
    public required string UpstreamName { get; init; }

    /// <summary>Tags and digests to take, a JSON list; null takes all.</summary>
    [Field(
        "Tags, with * and ? as wildcards, and digests to take; all where none is named.",
        Json = JsonShape.ListOfStrings
    )]
    public string? Includes { get; init; }

    /// <summary>Tags and digests to leave out, a JSON list.</summary>
    [Field("Tags, with * and ? as wildcards, and digests to leave out.", Json = JsonShape.ListOfStrings)]
    public string? Excludes { get; init; }

    /// <summary>The former name of <see cref="Includes"/>.</summary>
    [Field("Tags to take: the former name of includes.", Json = JsonShape.ListOfStrings)]
    public string? IncludeTags { get; init; }

    /// <summary>The former name of <see cref="Excludes"/>.</summary>
    [Field("Tags to leave out: the former name of excludes.", Json = JsonShape.ListOfStrings)]
    public string? ExcludeTags { get; init; }

    /// <summary>Where simple signatures are.</summary>
    [Field("URL of a directory of signatures.")]
    public string? Sigstore { get; init; }
}

/// <summary>A registry whose repositories are fetched when somebody asks for them.</summary>
public sealed record ContainerPullThroughRemote : Remote
{
    /// <summary>Names of repositories to take, a JSON list; null takes all.</summary>
    [Field(
        "Repositories, with * and ? as wildcards, that may be pulled; all where none is named.",
        Json = JsonShape.ListOfStrings
    )]
    public string? Includes { get; init; }

    /// <summary>Names of repositories to refuse, a JSON list.</summary>
    [Field("Repositories, with * and ? as wildcards, that may not be pulled.", Json = JsonShape.ListOfStrings)]
    public string? Excludes { get; init; }
}
