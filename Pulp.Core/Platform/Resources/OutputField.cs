using System.Data.Common;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Pulp.Core.Platform.Resources;

/// <summary>A member of a resource's JSON: what it needs selected, how it is written, and its schema.</summary>
internal sealed record OutputField(string Name, IReadOnlyList<string> Select, WriteField Write, JsonObject Schema)
{
    public JsonEncodedText EncodedName { get; } = JsonEncodedText.Encode(Name, WireJson.Encoder);
}

/// <summary>Writes the member's value; the first of its selected columns is at <paramref name="at"/>.</summary>
internal delegate void WriteField(Utf8JsonWriter json, RowReader row, int at);

/// <summary>A row of either database, read in the wire's types.</summary>
internal readonly struct RowReader(DbDataReader reader, bool postgres)
{
    public bool IsNull(int at) => reader.IsDBNull(at);

    public string Text(int at) => reader.GetString(at);

    public long Integer(int at) => reader.GetInt64(at);

    public double Number(int at) => reader.GetDouble(at);

    public bool Flag(int at) => postgres ? reader.GetBoolean(at) : reader.GetInt64(at) != 0;

    public Guid Id(int at) => postgres ? reader.GetGuid(at) : Guid.Parse(reader.GetString(at));

    public DateTimeOffset Moment(int at) =>
        postgres
            ? new DateTimeOffset(reader.GetDateTime(at), TimeSpan.Zero)
            : DateTimeOffset.Parse(reader.GetString(at), null, System.Globalization.DateTimeStyles.AssumeUniversal);

    public void WriteMoment(Utf8JsonWriter json, int at)
    {
        if (postgres)
        {
            Span<char> text = stackalloc char[27];
            reader.GetDateTime(at).TryFormat(text, out var written, Dialect.TimestampFormat);
            json.WriteStringValue(text[..written]);
        }
        else
        {
            json.WriteStringValue(reader.GetString(at));
        }
    }

    /// <summary>Writes <c>prefix + id + suffix</c>.</summary>
    public void WriteHref(Utf8JsonWriter json, int at, string prefix, string suffix)
    {
        Span<char> text = stackalloc char[prefix.Length + 36 + suffix.Length];
        prefix.CopyTo(text);
        if (postgres)
        {
            reader.GetGuid(at).TryFormat(text[prefix.Length..], out _);
        }
        else
        {
            reader.GetString(at).CopyTo(text[prefix.Length..]);
        }

        suffix.CopyTo(text[(prefix.Length + 36)..]);
        json.WriteStringValue(text);
    }
}

/// <summary>How this API writes JSON.</summary>
internal static class WireJson
{
    public static readonly System.Text.Encodings.Web.JavaScriptEncoder Encoder = System
        .Text
        .Encodings
        .Web
        .JavaScriptEncoder
        .UnsafeRelaxedJsonEscaping;

    public static readonly JsonWriterOptions Writer = new() { Encoder = Encoder, SkipValidation = true };

    public static readonly JsonSerializerOptions Options = new()
    {
        Encoder = Encoder,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };
}
