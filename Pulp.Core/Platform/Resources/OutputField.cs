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
