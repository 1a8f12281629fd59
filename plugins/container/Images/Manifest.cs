using Pulp.PluginSdk.Fields;
using Pulp.PluginSdk.Models;

namespace PulpContainer.Images;

/// <summary>An image, an artifact, or an index of several. Its bytes stand in a table of their own (<see cref="ManifestBodies"/>).</summary>
[Unique(nameof(Digest))]
public sealed record Manifest : Content
{
    /// <summary>The digest that it was pushed or listed with.</summary>
    [Field("Digest of the manifest, with its algorithm.", Filter = Lookups.Exact | Lookups.In)]
    public required string Digest { get; init; }

    /// <summary>2 in all formats of today.</summary>
    [Field("Version of the manifest's schema.")]
    public long SchemaVersion { get; init; } = 2;

    /// <summary>What it is.</summary>
    [Field("Media type of the manifest.", Filter = Lookups.Exact)]
    public required string MediaType { get; init; }

    /// <summary>The configuration; null for an index.</summary>
    [Field("The blob with the image's configuration.", References = typeof(Blob))]
    public Guid? ConfigBlob { get; init; }

    /// <summary>A JSON object.</summary>
    [Field("Annotations of the manifest.", Json = JsonShape.Any, ReadOnly = true)]
    public string Annotations { get; init; } = "{}";

    /// <summary>A JSON object.</summary>
    [Field("Labels of the image's configuration.", Json = JsonShape.Any, ReadOnly = true)]
    public string Labels { get; init; } = "{}";

    /// <summary>Whether a machine can start from it.</summary>
    [Field("Whether a machine can start from the image.", Filter = Lookups.Exact)]
    public bool IsBootable { get; init; }

    /// <summary>Whether it is a flatpak.</summary>
    [Field("Whether the image is a flatpak.", Filter = Lookups.Exact)]
    public bool IsFlatpak { get; init; }

    /// <summary>One of <see cref="ManifestTypes"/>.</summary>
    [Field("What the manifest describes.")]
    public string? Type { get; init; }

    /// <summary>Such as <c>amd64</c>.</summary>
    [Field("Processor architecture that the image is for.")]
    public string? Architecture { get; init; }

    /// <summary>Such as <c>linux</c>.</summary>
    [Field("Operating system that the image is for.")]
    public string? Os { get; init; }

    /// <summary>Bytes of all layers, as they are transferred.</summary>
    [Field("Size of the layers in bytes, as they are transferred.")]
    public long? CompressedImageSize { get; init; }

    /// <summary>Digest of the manifest that this one says something about.</summary>
    [Field("The manifest that this one refers to.", Internal = true)]
    public string? Subject { get; init; }

    /// <summary>What referrers' lists say of it.</summary>
    [Field("Type of the artifact.", Internal = true)]
    public string? ArtifactType { get; init; }

    /// <summary>Bytes of the manifest itself.</summary>
    [Field("Size of the manifest in bytes.", Internal = true)]
    public long Size { get; init; }
}
