using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace PulpPython.Index;

/// <summary>The simple index as JSON (PEP 691, 592, 700, 708, 714, 740).</summary>
internal static class JsonPages
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] Projects(IReadOnlyList<ProjectEntry> projects, long serial) =>
        Write(json =>
        {
            Meta(json, HtmlPages.ApiVersion, [], serial);
            json.WriteStartArray("projects");
            foreach (var project in projects)
            {
                json.WriteStartObject();
                json.WriteString("name", project.Name);
                json.WriteNumber("_last-serial", project.Serial);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        });

    public static byte[] Files(ProjectPage page, FileLinks links) =>
        Write(json =>
        {
            Meta(json, page.ApiVersion, page.Locations.Tracks, page.Serial);
            json.WriteString("name", page.Project);
            if (!page.Locations.IsNone)
            {
                Texts(json, "alternate-locations", page.Locations.Alternates);
            }

            json.WriteStartArray("versions");
            foreach (var version in page.Files.Select(f => f.Version).Distinct(StringComparer.Ordinal))
            {
                json.WriteStringValue(version);
            }

            json.WriteEndArray();
            json.WriteStartArray("files");
            foreach (var file in page.Files)
            {
                File(json, page.Project, file, links);
            }

            json.WriteEndArray();
        });

    /// <summary>A moment as indexes write it: UTC, with microseconds.</summary>
    public static string Moment(DateTimeOffset moment) =>
        moment.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture);

    /// <summary>An object of these members.</summary>
    public static byte[] Write(Action<Utf8JsonWriter> members)
    {
        var buffer = new ArrayBufferWriter<byte>(16 * 1024);
        using (var json = new Utf8JsonWriter(buffer, Plain))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void Meta(Utf8JsonWriter json, string version, IReadOnlyList<string> tracks, long serial)
    {
        json.WriteStartObject("meta");
        json.WriteString("api-version", version);
        json.WriteNumber("_last-serial", serial);
        if (tracks.Count > 0)
        {
            Texts(json, "tracks", tracks);
        }

        json.WriteEndObject();
    }

    private static void Texts(Utf8JsonWriter json, string name, IReadOnlyList<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }

    private static void File(Utf8JsonWriter json, string project, ReleaseFile file, FileLinks links)
    {
        json.WriteStartObject();
        json.WriteString("filename", file.Filename);
        json.WriteString("url", links.File(file.Filename));
        json.WriteStartObject("hashes");
        if (file.Sha256.Length > 0)
        {
            json.WriteString("sha256", file.Sha256);
        }

        json.WriteEndObject();
        json.WriteString("requires-python", file.RequiresPython.Length > 0 ? file.RequiresPython : null);
        Metadata(json, "data-dist-info-metadata", file);
        Metadata(json, "core-metadata", file);
        if (file.Size is { } size)
        {
            json.WriteNumber("size", size);
        }

        if (file.UploadedAt is { } moment)
        {
            json.WriteString("upload-time", Moment(moment));
        }

        if (file.YankReason is { Length: > 0 } reason)
        {
            json.WriteString("yanked", reason);
        }
        else
        {
            json.WriteBoolean("yanked", file.YankReason is not null);
        }

        json.WriteString("provenance", file.HasProvenance ? links.Provenance(project, file) : null);
        json.WriteEndObject();
    }

    private static void Metadata(Utf8JsonWriter json, string name, ReleaseFile file)
    {
        if (file.MetadataSha256 is not { } sha256)
        {
            json.WriteBoolean(name, file.HasUnknownMetadata);
            return;
        }

        json.WriteStartObject(name);
        json.WriteString("sha256", sha256);
        json.WriteEndObject();
    }
}
