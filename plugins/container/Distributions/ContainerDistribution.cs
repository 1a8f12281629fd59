using Pulp.PluginSdk.Fields;
using Pulp.PluginSdk.Models;
using PulpContainer.Remotes;

namespace PulpContainer.Distributions;

/// <summary>Makes the images of a repository available under a name.</summary>
public sealed record ContainerDistribution : Distribution
{
    /// <summary>Whose images they are; it follows from the base path.</summary>
    [Field(
        "Namespace of the images: the first part of the base path.",
        References = typeof(ContainerNamespace),
        ReadOnly = true
    )]
    public Guid? Namespace { get; init; }

    /// <summary>Where images are fetched from that aren't here; of distributions that pulls through a cache made.</summary>
    [Field("The remote that images are pulled through.", References = typeof(Remote), ReadOnly = true)]
    public Guid? Remote { get; init; }

    /// <summary>The pull-through cache that made it.</summary>
    [Field(
        "The pull-through distribution that it belongs to.",
        References = typeof(ContainerPullThroughDistribution),
        Internal = true
    )]
    public Guid? PullThrough { get; init; }

    /// <summary>Whether a permission is needed to pull.</summary>
    [Field("Whether pulling needs a permission.")]
    public bool Private { get; init; }

    /// <summary>In a sentence.</summary>
    [Field("An optional description.")]
    public string? Description { get; init; }
}

/// <summary>A cache of a whole registry: a repository is made for each name below its base path that somebody pulls.</summary>
public sealed record ContainerPullThroughDistribution : Distribution
{
    /// <summary>Whose images they are; it follows from the base path.</summary>
    [Field(
        "Namespace of the images: the first part of the base path.",
        References = typeof(ContainerNamespace),
        ReadOnly = true
    )]
    public Guid? Namespace { get; init; }

    /// <summary>The registry.</summary>
    [Field("The registry that images are pulled through.", References = typeof(ContainerPullThroughRemote))]
    public required Guid Remote { get; init; }

    /// <summary>Whether a permission is needed to pull.</summary>
    [Field("Whether pulling needs a permission.")]
    public bool Private { get; init; }

    /// <summary>In a sentence.</summary>
    [Field("An optional description.")]
    public string? Description { get; init; }
}
