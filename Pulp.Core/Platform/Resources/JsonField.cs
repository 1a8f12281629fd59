using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Text.Unicode;
using Pulp.Core.Platform.Http;

namespace Pulp.Core.Platform.Resources;

/// <summary>JSON that is stored as it came, after checking that both databases can hold it and every client can read it.</summary>
internal static partial class JsonField
{
    private const int MaxLabelKey = 255;

    public static (object? Value, string? Error) Read(JsonShape shape, BodyValue given)
    {
        if (given.AsJson() is not { } json)
        {
            return (null, "Value must be valid JSON.");
        }

        if (shape == JsonShape.Object && json.ValueKind == JsonValueKind.String)
        {
            return BodyValue.TryText(json, out var text)
                ? ReadObject(text)
                : (null, "Surrogate characters are not allowed.");
        }

        var error =
            // What came as JSON was looked through with its request; what a form's text holds wasn't.
            (given.IsForm ? Fault(json) : null)
            ?? shape switch
            {
                JsonShape.Labels => Labels(json),
                JsonShape.ListOfObjects => ListOf(json, JsonValueKind.Object, "Expected a dictionary of items"),
                JsonShape.ListOfStrings => ListOf(json, JsonValueKind.String, "Not a valid string."),
                JsonShape.Object => json.ValueKind == JsonValueKind.Object ? null : NoObject(BodyValue.TypeOf(json)),
                _ => null,
            };
        return error is null ? (Compact(json), null) : (null, error);
    }

    /// <summary>An object that came as a text.</summary>
    private static (object? Value, string? Error) ReadObject(string text)
    {
        try
        {
            using var parsed = JsonDocument.Parse(text);
            var json = parsed.RootElement;
            var error = json.ValueKind == JsonValueKind.Object ? Fault(json) : NoObject(BodyValue.TypeOf(json));
            return error is null ? (Compact(json), null) : (null, error);
        }
        catch (JsonException)
        {
            return (null, "Value must be valid JSON.");
        }
    }

    private static string NoObject(string type) => $"Expected a dictionary of items but got type \"{type}\".";

    /// <summary>A label's key, as the wire allows it.</summary>
    public static bool IsLabelKey(string key) => key.Length is > 0 and <= MaxLabelKey && LabelKeyShape().IsMatch(key);

    private static string? Labels(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            return NoObject(BodyValue.TypeOf(json));
        }

        foreach (var label in json.EnumerateObject())
        {
            if (!IsLabelKey(label.Name))
            {
                return $"Key '{FilterInput.Shorten(label.Name)}' contains non-alphanumerics.";
            }

            if (label.Value.ValueKind is not (JsonValueKind.String or JsonValueKind.Null))
            {
                return "Not a valid string.";
            }

            if (
                label.Value.ValueKind == JsonValueKind.String
                && (label.Value.GetString() ?? "").IndexOfAny([',', '(', ')']) >= 0
            )
            {
                return $"Value of '{label.Name}' contains ',', '(', or ')'.";
            }
        }

        return null;
    }

    private static string? ListOf(JsonElement json, JsonValueKind kind, string message)
    {
        if (json.ValueKind != JsonValueKind.Array)
        {
            return $"Expected a list of items but got type \"{BodyValue.TypeOf(json)}\".";
        }

        foreach (var item in json.EnumerateArray())
        {
            if (item.ValueKind != kind)
            {
                return kind == JsonValueKind.Object ? $"{message} but got type \"{BodyValue.TypeOf(item)}\"." : message;
            }
        }

        return null;
    }

    /// <summary>What is wrong with numbers that don't come back, and texts that can't be stored.</summary>
    public static string? Fault(JsonElement json)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Number:
                return double.IsFinite(json.GetDouble()) ? null : "A valid number is required.";
            case JsonValueKind.String when IsPlain(json):
                return null;
            case JsonValueKind.String:
                return BodyValue.TryText(json, out var text)
                    ? TextRules.Fault(text)
                    : "Surrogate characters are not allowed.";
            case JsonValueKind.Array:
                return json.EnumerateArray().Select(Fault).FirstOrDefault(f => f is not null);
            case JsonValueKind.Object:
                foreach (var member in json.EnumerateObject())
                {
                    if ((BodyValue.NameFault(member) ?? Fault(member.Value)) is { } fault)
                    {
                        return fault;
                    }
                }

                return null;
            default:
                return null;
        }
    }

    /// <summary>Whether a text's bytes alone tell that it can be stored: long lists of references are looked through this way.</summary>
    private static bool IsPlain(JsonElement text)
    {
        var bytes = JsonMarshal.GetRawUtf8Value(text);
        return !bytes.Contains((byte)'\\') && Utf8.IsValid(bytes);
    }

    private static string Compact(JsonElement json)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Encoder = WireJson.Encoder }))
        {
            json.WriteTo(writer);
        }

        return Encoding.UTF8.GetString(stream.GetBuffer().AsSpan(0, (int)stream.Length));
    }

    [GeneratedRegex(@"^[\w .-]+$")]
    private static partial Regex LabelKeyShape();
}
