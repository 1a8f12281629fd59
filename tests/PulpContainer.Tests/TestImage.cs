using System.Security.Cryptography;

namespace PulpContainer.Tests;

/// <summary>An image that fits into a test: a configuration, layers and the manifest.</summary>
public sealed record TestImage(byte[] Config, IReadOnlyList<byte[]> Layers, byte[] Manifest, string MediaType)
{
    public const string OciManifest = "application/vnd.oci.image.manifest.v1+json";
    public const string OciIndex = "application/vnd.oci.image.index.v1+json";
    public const string OciConfig = "application/vnd.oci.image.config.v1+json";

    public string Digest => DigestOf(Manifest);

    public IEnumerable<byte[]> Blobs => [Config, .. Layers];

    public static string DigestOf(byte[] bytes) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(bytes));

    public static string Sha512Of(byte[] bytes) => "sha512:" + Convert.ToHexStringLower(SHA512.HashData(bytes));

    public static byte[] Random(int length = 2000) => RandomNumberGenerator.GetBytes(length);

    /// <summary>An image of a random layer. <paramref name="with"/> changes the manifest before it is written.</summary>
    public static TestImage New(Action<JsonObject>? with = null, string architecture = "amd64")
    {
        var config = Encoding.UTF8.GetBytes(
            new JsonObject
            {
                ["architecture"] = architecture,
                ["os"] = "linux",
                ["config"] = new JsonObject { ["Labels"] = new JsonObject { ["made"] = PulpClient.Unique() } },
                ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray() },
            }.ToJsonString()
        );
        var layer = Random();
        var manifest = new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = OciManifest,
            ["config"] = Descriptor(config, OciConfig),
            ["layers"] = new JsonArray(Descriptor(layer, "application/vnd.oci.image.layer.v1.tar+gzip")),
        };
        with?.Invoke(manifest);
        return new TestImage(config, [layer], Encoding.UTF8.GetBytes(manifest.ToJsonString()), OciManifest);
    }

    /// <summary>An artifact without layers that says something about a manifest.</summary>
    public static TestImage Referrer(string subject, string? artifactType, long size = 2, string? note = null)
    {
        var empty = "{}"u8.ToArray();
        var manifest = new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = OciManifest,
            ["config"] = Descriptor(empty, "application/vnd.example.config"),
            ["layers"] = new JsonArray(),
            ["subject"] = new JsonObject
            {
                ["mediaType"] = OciManifest,
                ["digest"] = subject,
                ["size"] = size,
            },
            ["annotations"] = new JsonObject { ["note"] = note ?? PulpClient.Unique() },
        };
        if (artifactType is not null)
        {
            manifest["artifactType"] = artifactType;
        }

        return new TestImage(empty, [], Encoding.UTF8.GetBytes(manifest.ToJsonString()), OciManifest);
    }

    /// <summary>A cache of layers as BuildKit pushes it: an index of blobs.</summary>
    public static TestImage BuildCache()
    {
        var (config, layer) = ("{\"layers\":[]}"u8.ToArray(), Random());
        var index = new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = OciIndex,
            ["manifests"] = new JsonArray(
                Descriptor(layer, "application/vnd.oci.image.layer.v1.tar+gzip"),
                Descriptor(config, "application/vnd.buildkit.cacheconfig.v0")
            ),
        };
        return new TestImage(config, [layer], Encoding.UTF8.GetBytes(index.ToJsonString()), OciIndex);
    }

    public static byte[] Index(params TestImage[] images) =>
        Encoding.UTF8.GetBytes(
            new JsonObject
            {
                ["schemaVersion"] = 2,
                ["mediaType"] = OciIndex,
                ["manifests"] = new JsonArray([.. images.Select(i => Descriptor(i.Manifest, i.MediaType))]),
            }.ToJsonString()
        );

    public static JsonObject Descriptor(byte[] bytes, string mediaType) =>
        new()
        {
            ["mediaType"] = mediaType,
            ["digest"] = DigestOf(bytes),
            ["size"] = bytes.Length,
        };
}
