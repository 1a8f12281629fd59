using System.Globalization;
using System.Text.Json;
using Pulp.PluginSdk.Errors;
using PulpPython.Metadata;
using PulpPython.Names;

namespace PulpPython.Sync;

/// <summary>Reads the pages of a simple index that are JSON (PEP 691, 700, 708, 714, 740).</summary>
internal static class SimpleJson
{
    private static readonly JsonDocumentOptions Limits = new() { MaxDepth = 32 };

    /// <exception cref="UpstreamException">It is no such page.</exception>
    public static async Task<SimplePage> ReadProjectAsync(
        Stream stream,
        string project,
        Uri page,
        CancellationToken cancellationToken
    )
    {
        using var document = await ParseAsync(stream, cancellationToken);
        var files =
            Member(document.RootElement, "files", JsonValueKind.Array) ?? throw new UpstreamException("has no files");
        return new SimplePage(files.EnumerateArray().Select(f => File(f, project, page)))
        {
            Locations = ProjectLocations.Of(
                page,
                Member(document.RootElement, "meta", JsonValueKind.Object) is { } meta ? List(meta, "tracks") : [],
                List(document.RootElement, "alternate-locations")
            ),
        };
    }

    /// <exception cref="UpstreamException">It is no such page.</exception>
    public static async Task<IReadOnlyList<ListedProject>> ReadListAsync(
        Stream stream,
        CancellationToken cancellationToken
    )
    {
        using var document = await ParseAsync(stream, cancellationToken);
        var projects =
            Member(document.RootElement, "projects", JsonValueKind.Array)
            ?? throw new UpstreamException("has no projects");
        return
        [
            .. projects
                .EnumerateArray()
                .Select(p => (Name: Text(p, "name"), Serial: Number(p, "_last-serial")))
                .Where(p => p.Name is not null && ProjectName.IsValid(p.Name))
                .Select(p => new ListedProject(p.Name ?? "", p.Serial)),
        ];
    }

    internal static async Task<JsonDocument> ParseAsync(Stream stream, CancellationToken cancellationToken)
    {
        try
        {
            var document = (await JsonDocument.ParseAsync(stream, Limits, cancellationToken)).WithReadableTexts();
            var version = Member(document.RootElement, "meta", JsonValueKind.Object) is { } meta
                ? Text(meta, "api-version")
                : null;
            if (version is not null && version.Split('.')[0] != "1")
            {
                document.Dispose();
                throw new UpstreamException($"has version {version}, which is not known here");
            }

            return document;
        }
        catch (JsonException error)
        {
            throw new UpstreamException("has JSON that can't be read", error);
        }
    }

    internal static string? Text(JsonElement element, string name) =>
        Member(element, name, JsonValueKind.String)?.GetString()?.WithoutNul();

    internal static long? Number(JsonElement element, string name) =>
        Member(element, name, JsonValueKind.Number) is { } number && number.TryGetInt64(out var value) ? value : null;

    /// <summary>The member where it is there and of that kind.</summary>
    internal static JsonElement? Member(JsonElement element, string name, JsonValueKind kind) =>
        element.ValueKind == JsonValueKind.Object
        && element.TryGetProperty(name, out var member)
        && member.ValueKind == kind
            ? member
            : null;

    internal static IEnumerable<KeyValuePair<string, string>> Texts(JsonElement? element) =>
        element is { ValueKind: JsonValueKind.Object } found
            ? found
                .EnumerateObject()
                .Where(m => m.Value.ValueKind == JsonValueKind.String)
                .Select(m => KeyValuePair.Create(m.Name.WithoutNul(), (m.Value.GetString() ?? "").WithoutNul()))
            : [];

    internal static DateTimeOffset? Moment(string? text) =>
        DateTimeOffset.TryParse(
            text,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out var moment
        )
            ? moment
            : null;

    private static IEnumerable<string> List(JsonElement element, string name) =>
        Member(element, name, JsonValueKind.Array) is { } list
            ? list.EnumerateArray()
                .Where(e => e.ValueKind == JsonValueKind.String)
                .Select(e => (e.GetString() ?? "").WithoutNul())
            : [];

    private static IndexFile? File(JsonElement file, string project, Uri page)
    {
        if (
            Text(file, "filename") is not { } filename
            || Text(file, "url") is not { } link
            || !IndexLinks.TryResolve(page, link, out var url)
            || SimplePage.File(project, filename, url) is not { } found
        )
        {
            return null;
        }

        var digests = Texts(Member(file, "hashes", JsonValueKind.Object)).ToList();
        var (hasMetadata, metadata) = Metadata(file);
        return found with
        {
            Sha256 = IndexLinks.Sha256(digests.Find(d => d.Key == "sha256").Value),
            OtherDigests = IndexLinks.Others(digests),
            RequiresPython = Text(file, "requires-python") ?? "",
            Size = Number(file, "size") is >= 0 and var size ? size : null,
            UploadTime = Moment(Text(file, "upload-time")),
            Yanked = Yanked(file),
            HasMetadata = hasMetadata,
            MetadataSha256 = metadata,
            ProvenanceUrl =
                Text(file, "provenance") is { } provenance && IndexLinks.TryResolve(page, provenance, out var at)
                    ? IndexLinks.WithoutFragment(at)
                    : null,
        };
    }

    /// <summary>True, or the reason.</summary>
    private static string? Yanked(JsonElement file) =>
        Text(file, "yanked") ?? (Member(file, "yanked", JsonValueKind.True) is null ? null : "");

    /// <summary>The member had another name before (PEP 714); "true" promises a file without saying which.</summary>
    private static (bool Has, string? Sha256) Metadata(JsonElement file)
    {
        foreach (var name in new[] { "core-metadata", "dist-info-metadata", "data-dist-info-metadata" })
        {
            if (Member(file, name, JsonValueKind.Object) is { } digests)
            {
                return (true, IndexLinks.Sha256(Text(digests, "sha256")));
            }

            if (Member(file, name, JsonValueKind.True) is not null)
            {
                return (true, null);
            }
        }

        return (false, null);
    }
}
