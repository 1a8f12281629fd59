using System.Text.Json;
using PulpContainer.Names;
using PulpContainer.Registry;

namespace PulpContainer.Images;

/// <summary>A reference of a manifest to a blob or another manifest.</summary>
internal sealed record Descriptor(string MediaType, string Digest, long Size);

/// <summary>A manifest or an index, as far as a registry reads it. Its bytes stay what they are.</summary>
internal sealed record ManifestDocument
{
    /// <summary>Deeper than any manifest is, and shallow enough for every reader.</summary>
    private const int MostDepth = 64;

    public required string MediaType { get; init; }

    public Descriptor? Config { get; init; }

    /// <summary>Layers; of an index, blobs that it lists.</summary>
    public IReadOnlyList<Descriptor> Layers { get; init; } = [];

    /// <summary>Of an index: the manifests that it lists.</summary>
    public IReadOnlyList<Descriptor> Manifests { get; init; } = [];

    public string? Subject { get; init; }

    /// <summary>What lists of referrers say: the manifest's own type, or that of its configuration.</summary>
    public string? ArtifactType { get; init; }

    /// <summary>Whether <see cref="ArtifactType"/> is the manifest's own.</summary>
    public bool SaysArtifactType { get; init; }

    public IReadOnlyDictionary<string, string> Annotations { get; init; } = new Dictionary<string, string>();

    public bool IsIndex => MediaTypes.IsIndex(MediaType);

    /// <param name="body">The bytes.</param>
    /// <param name="contentType">What the client or upstream calls it; may be empty.</param>
    /// <exception cref="RegistryError">It is no manifest.</exception>
    public static ManifestDocument Parse(ReadOnlyMemory<byte> body, string contentType)
    {
        try
        {
            using var json = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = MostDepth });
            return Read(json.RootElement, contentType);
        }
        catch (JsonException error)
        {
            throw RegistryError.ManifestInvalid($"The manifest is no JSON: {error.Message}");
        }
        catch (InvalidOperationException)
        {
            // A text that is no Unicode, such as half of a surrogate pair.
            throw RegistryError.ManifestInvalid("The manifest holds a text that can't be read.");
        }
    }

    private static ManifestDocument Read(JsonElement root, string contentType)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw RegistryError.ManifestInvalid("A manifest is a JSON object.");
        }

        if (
            !root.TryGetProperty("schemaVersion", out var version)
            || !version.TryGetInt32Safe(out var number)
            || number != 2
        )
        {
            throw RegistryError.ManifestInvalid("The only schemaVersion that is supported is 2.");
        }

        var mediaType = MediaTypeOf(root, contentType);
        var isIndex = MediaTypes.IsIndex(mediaType);
        var config = isIndex ? null : DescriptorOf(root.Member("config"), "config");
        var own = root.Text("artifactType");
        var listed = (isIndex ? DescriptorsOf(root, "manifests") : []).ToLookup(d =>
            MediaTypes.IsListedBlob(d.MediaType)
        );
        return new ManifestDocument
        {
            MediaType = mediaType,
            Config = config,
            Layers = isIndex ? [.. listed[true]] : DescriptorsOf(root, "layers"),
            Manifests = [.. listed[false]],
            Subject =
                root.TryGetProperty("subject", out var subject) && subject.ValueKind != JsonValueKind.Null
                    ? DescriptorOf(subject, "subject").Digest
                    : null,
            ArtifactType = string.IsNullOrEmpty(own) ? config?.MediaType : own,
            SaysArtifactType = !string.IsNullOrEmpty(own),
            Annotations = root.Texts("annotations"),
        };
    }

    private static string MediaTypeOf(JsonElement root, string contentType)
    {
        var given = Images.MediaTypes.Bare(contentType);
        var own = root.Text("mediaType") ?? "";
        if (own.Length > 0 && given.Length > 0 && IsManifest(given) && own != given)
        {
            throw RegistryError.ManifestInvalid(
                $"The manifest says that it is {own}, and its Content-Type is {given}."
            );
        }

        var type = own.Length > 0 ? own : given;
        if (type.Length == 0)
        {
            type = root.TryGetProperty("manifests", out _) ? MediaTypes.OciIndex : MediaTypes.OciManifest;
        }

        return IsManifest(type)
            ? type
            : throw RegistryError.ManifestInvalid($"The media type is not that of a manifest: {type}.");
    }

    private static bool IsManifest(string type) => MediaTypes.Manifests.Contains(type);

    private static IReadOnlyList<Descriptor> DescriptorsOf(JsonElement root, string member)
    {
        if (!root.TryGetProperty(member, out var list))
        {
            return [];
        }

        if (list.ValueKind == JsonValueKind.Null)
        {
            return [];
        }

        return list.ValueKind == JsonValueKind.Array
            ? [.. list.EnumerateArray().Select(item => DescriptorOf(item, member))]
            : throw RegistryError.ManifestInvalid($"Its {member} are no list.");
    }

    private static Descriptor DescriptorOf(JsonElement element, string where)
    {
        if (element.ValueKind != JsonValueKind.Object || !Names.Digest.TryParse(element.Text("digest"), out var digest))
        {
            throw RegistryError.ManifestInvalid($"There is no descriptor with a digest in {where}.");
        }

        if (!element.TryGetProperty("size", out var size) || !size.TryGetInt64Safe(out var bytes) || bytes < 0)
        {
            throw RegistryError.ManifestInvalid($"There is no descriptor with a size in {where}.");
        }

        return new Descriptor(element.Text("mediaType") ?? "", digest.ToString(), bytes);
    }
}
