namespace PulpContainer.Tests.Specification;

/// <summary>Blobs, manifests and tags that are pushed and taken away together, in the order in which they are pushed.</summary>
public sealed class SpecData(string algorithm = "sha256")
{
    private const string Example = "application/vnd.example.oci.conformance";
    private const string Empty = "application/vnd.oci.empty.v1+json";

    public Dictionary<string, byte[]> Blobs { get; } = [];

    public List<(string Digest, byte[] Body, string MediaType)> Manifests { get; } = [];

    public Dictionary<string, string> Tags { get; } = [];

    public static IEnumerable<string> Kinds =>
        [
            "image",
            "large-manifest",
            "index",
            "nested-index",
            "empty-index",
            "artifact",
            "artifact-index",
            "artifact-without-layers",
            "artifacts-with-subject",
            "index-with-subject",
            "missing-subject",
            "data-field",
            "non-distributable-layers",
            "custom-fields",
            "no-layers",
            "sha512",
        ];

    public static SpecData Of(string kind)
    {
        var data = new SpecData(kind == "sha512" ? "sha512" : "sha256");
        data.Fill(kind);
        return data;
    }

    public string DigestOf(byte[] bytes) =>
        algorithm == "sha512" ? TestImage.Sha512Of(bytes) : TestImage.DigestOf(bytes);

    private void Fill(string kind)
    {
        switch (kind)
        {
            case "large-manifest":
                Image("large", with: m => m["annotations"] = Annotations(390, 10_000));
                break;
            case "index":
                Index("index", Image(tag: null), Image(tag: null));
                break;
            case "nested-index":
                Index("nested", Index(tag: null, Image(tag: null)), Index(tag: null, Image(tag: null)));
                break;
            case "empty-index":
                Index("index");
                break;
            case "artifact":
                Artifact("artifact", subject: null);
                break;
            case "artifact-index":
                Index("artifact-index", Artifact(tag: null, subject: null), Artifact(tag: null, subject: null));
                break;
            case "artifact-without-layers":
                Image("bare", Empty, "{}"u8.ToArray(), [("{}"u8.ToArray(), Empty)], m => m["artifactType"] = Example);
                break;
            case "artifacts-with-subject":
                var image = Image("image");
                Image(tag: null, with: m => m["subject"] = image.DeepClone());
                Artifact("tagged-artifact1", image);
                Artifact("tagged-artifact2", image);
                break;
            case "index-with-subject":
                Artifact("tagged-artifact", Index("index", Image(tag: null), Image(tag: null)));
                break;
            case "missing-subject":
                Artifact("tagged-artifact", TestImage.Descriptor(TestImage.Random(), TestImage.OciManifest));
                break;
            case "data-field":
                Image("data-field", with: m => m["config"]!["data"] = Convert.ToBase64String(TestImage.Random(20)));
                break;
            case "non-distributable-layers":
                Image("foreign", with: m => m["layers"]!.AsArray().Add(Foreign()));
                break;
            case "custom-fields":
                Image("custom", with: m => m["org.example"] = new JsonObject { ["more"] = 1 });
                break;
            case "no-layers":
                Image("no-layers", layers: []);
                break;
            case "sha512":
                // A manifest that comes by its tag is named by sha256.
                Image(tag: null);
                break;
            default:
                Image(kind);
                break;
        }
    }

    private static JsonObject Foreign()
    {
        var descriptor = TestImage.Descriptor(
            TestImage.Random(),
            "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip"
        );
        descriptor["urls"] = new JsonArray("https://example.org/layer");
        return descriptor;
    }

    private static JsonObject Annotations(int count, int length)
    {
        var all = new JsonObject();
        foreach (var i in Enumerable.Range(0, count))
        {
            all[$"annotation-{i}"] = new string('A', length);
        }

        return all;
    }

    private JsonObject Artifact(string? tag, JsonObject? subject) =>
        Image(
            tag,
            Empty,
            "{}"u8.ToArray(),
            [(TestImage.Random(), Example)],
            manifest =>
            {
                manifest["artifactType"] = Example;
                manifest["annotations"] = new JsonObject { ["org.example.unique"] = PulpClient.Unique() };
                if (subject is not null)
                {
                    manifest["subject"] = subject.DeepClone();
                }
            }
        );

    private JsonObject Image(
        string? tag,
        string configType = TestImage.OciConfig,
        byte[]? config = null,
        IReadOnlyList<(byte[] Bytes, string MediaType)>? layers = null,
        Action<JsonObject>? with = null
    )
    {
        layers ??= [(TestImage.Random(), "application/vnd.oci.image.layer.v1.tar+gzip")];
        config ??= Encoding.UTF8.GetBytes(
            $$"""{"architecture":"amd64","os":"linux","author":"{{PulpClient.Unique()}}"}"""
        );
        var manifest = new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = TestImage.OciManifest,
            ["config"] = Blob(config, configType),
            ["layers"] = new JsonArray([.. layers.Select(l => Blob(l.Bytes, l.MediaType))]),
        };
        with?.Invoke(manifest);
        return Add(tag, manifest, TestImage.OciManifest);
    }

    private JsonObject Index(string? tag, params JsonObject[] listed) =>
        Add(
            tag,
            new JsonObject
            {
                ["schemaVersion"] = 2,
                ["mediaType"] = TestImage.OciIndex,
                ["manifests"] = new JsonArray([.. listed.Select(l => l.DeepClone())]),
                ["annotations"] = new JsonObject { ["org.example.unique"] = PulpClient.Unique() },
            },
            TestImage.OciIndex
        );

    private JsonObject Blob(byte[] bytes, string mediaType)
    {
        var descriptor = Descriptor(bytes, mediaType);
        Blobs[(string?)descriptor["digest"] ?? ""] = bytes;
        return descriptor;
    }

    private JsonObject Add(string? tag, JsonObject manifest, string mediaType)
    {
        var bytes = Encoding.UTF8.GetBytes(manifest.ToJsonString());
        Manifests.Add((DigestOf(bytes), bytes, mediaType));
        if (tag is not null)
        {
            Tags[tag] = DigestOf(bytes);
        }

        return Descriptor(bytes, mediaType);
    }

    private JsonObject Descriptor(byte[] bytes, string mediaType) =>
        new()
        {
            ["mediaType"] = mediaType,
            ["digest"] = DigestOf(bytes),
            ["size"] = bytes.Length,
        };
}
