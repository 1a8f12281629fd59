using System.Text.Json;

namespace PulpContainer.Images;

/// <summary>Reads JSON that anybody may have written: what isn't of the kind that is asked for isn't there.</summary>
internal static class JsonReading
{
    public static bool TryGetInt32Safe(this JsonElement element, out int number)
    {
        number = 0;
        return element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out number);
    }

    public static bool TryGetInt64Safe(this JsonElement element, out long number)
    {
        number = 0;
        return element.ValueKind == JsonValueKind.Number && element.TryGetInt64(out number);
    }

    /// <summary>A member of an object; undefined where there is none.</summary>
    public static JsonElement Member(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member) ? member : default;

    /// <summary>A text without zero characters, which PostgreSQL doesn't store.</summary>
    public static string? Text(this JsonElement element, string name) =>
        element.Member(name) is { ValueKind: JsonValueKind.String } text ? Clean(text.GetString() ?? "") : null;

    /// <summary>The texts of an object's members.</summary>
    public static IReadOnlyDictionary<string, string> Texts(this JsonElement element, string name)
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        if (element.Member(name) is { ValueKind: JsonValueKind.Object } members)
        {
            foreach (var member in members.EnumerateObject().Where(m => m.Value.ValueKind == JsonValueKind.String))
            {
                texts[Clean(member.Name)] = Clean(member.Value.GetString() ?? "");
            }
        }

        return texts;
    }

    /// <summary>The items of a list; none where there is no list.</summary>
    public static IEnumerable<JsonElement> ItemsOf(this JsonElement element, string name) =>
        element.Member(name) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : [];

    /// <summary>The texts in a list.</summary>
    public static IEnumerable<string> TextsOf(this JsonElement element, string name) =>
        element
            .ItemsOf(name)
            .Where(item => item.ValueKind == JsonValueKind.String)
            .Select(item => Clean(item.GetString() ?? ""));

    private static string Clean(string text) => text.Replace("\0", "", StringComparison.Ordinal);
}
