using Pulp.PluginSdk.Fields;
using Pulp.PluginSdk.Models;

namespace Pulp.TestPlugins.Images;

/// <summary>A layer or a configuration.</summary>
[Unique(nameof(Digest))]
public sealed record Blob : Content
{
    /// <summary>sha256 with its hex digits.</summary>
    [Field("sha256 of the blob.", Filter = Lookups.Exact | Lookups.In)]
    public required string Digest { get; init; }
}

/// <summary>An image.</summary>
[Unique(nameof(Digest))]
public sealed record Manifest : Content
{
    /// <summary>sha256 with its hex digits.</summary>
    [Field("sha256 of the manifest.", Filter = Lookups.Exact | Lookups.In)]
    public required string Digest { get; init; }

    /// <summary>What it is.</summary>
    [Field("The manifest's media type.", Filter = Lookups.Exact | Lookups.In)]
    public required string MediaType { get; init; }
}

/// <summary>A name for an image.</summary>
[Unique(nameof(Name), nameof(TaggedManifest))]
[RepositoryKey(nameof(Name))]
public sealed record Tag : Content
{
    /// <summary>The name.</summary>
    [Field("The tag's name.", Filter = Lookups.Text)]
    public required string Name { get; init; }

    /// <summary>The image.</summary>
    [Field("The manifest that is tagged.", References = typeof(Manifest))]
    public required Guid TaggedManifest { get; init; }
}

/// <summary>A registry.</summary>
public sealed record ImageRemote : Remote;

/// <summary>A repository of images.</summary>
public sealed record ImageRepository : Repository
{
    /// <summary>A tag always means the same image.</summary>
    [Field("Whether tags keep the image that they were given first.")]
    public bool ImmutableTags { get; init; }
}

/// <summary>A repository that clients push to; it comes and goes with its distribution.</summary>
public sealed record PushRepository : Repository;

/// <summary>Makes images available.</summary>
public sealed record ImageDistribution : Distribution
{
    /// <summary>Whose images they are.</summary>
    [Field("The namespace of the images.", References = typeof(ImageNamespace), Filter = Lookups.Exact)]
    public Guid? Namespace { get; init; }

    /// <summary>Where blobs are fetched from that the repository doesn't have yet.</summary>
    [Field(
        "A registry whose blobs are added to the repository when somebody asks for them.",
        References = typeof(ImageRemote)
    )]
    public Guid? Remote { get; init; }
}
