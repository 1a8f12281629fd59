namespace PulpContainer.Images;

/// <summary>Media types of manifests, and of what they list.</summary>
internal static class MediaTypes
{
    public const string OciManifest = "application/vnd.oci.image.manifest.v1+json";
    public const string OciIndex = "application/vnd.oci.image.index.v1+json";
    public const string DockerManifest = "application/vnd.docker.distribution.manifest.v2+json";
    public const string DockerList = "application/vnd.docker.distribution.manifest.list.v2+json";
    public const string Empty = "application/vnd.oci.empty.v1+json";
    public const string OciConfig = "application/vnd.oci.image.config.v1+json";
    public const string DockerConfig = "application/vnd.docker.container.image.v1+json";
    public const string HelmConfig = "application/vnd.cncf.helm.config.v1+json";
    public const string Bytes = "application/octet-stream";

    public static IReadOnlyList<string> Manifests { get; } = [OciManifest, OciIndex, DockerManifest, DockerList];

    public static bool IsIndex(string mediaType) => mediaType is OciIndex or DockerList;

    /// <summary>Layers that registries needn't hold: clients fetch them from elsewhere.</summary>
    public static bool IsForeignLayer(string mediaType) =>
        mediaType.Contains("nondistributable", StringComparison.Ordinal)
        || mediaType.Contains(".foreign.", StringComparison.Ordinal);

    /// <summary>
    /// What an index may list beside manifests: the layers of a build cache, as BuildKit writes it unless it is told to write an image.
    /// </summary>
    public static bool IsListedBlob(string mediaType) =>
        mediaType.StartsWith("application/vnd.oci.image.layer.", StringComparison.Ordinal)
        || mediaType.StartsWith("application/vnd.docker.image.rootfs.", StringComparison.Ordinal)
        || mediaType.StartsWith("application/vnd.buildkit.cacheconfig.", StringComparison.Ordinal);

    /// <summary>A media type without its parameters, in small letters.</summary>
    public static string Bare(string? mediaType) => (mediaType ?? "").Split(';')[0].Trim().ToLowerInvariant();
}
