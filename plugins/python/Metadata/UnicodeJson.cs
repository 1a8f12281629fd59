using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;

namespace PulpPython.Metadata;

/// <summary>JSON from outside, of which every text can be read.</summary>
internal static class UnicodeJson
{
    /// <summary>
    /// The document, where all its texts are Unicode. JSON may hold half a surrogate pair, or bytes that are no UTF-8: the framework parses
    /// both, and fails when such a text is read.
    /// </summary>
    /// <exception cref="JsonException">They aren't; the document is disposed.</exception>
    public static JsonDocument WithReadableTexts(this JsonDocument document)
    {
        if (IsReadable(JsonMarshal.GetRawUtf8Value(document.RootElement)))
        {
            return document;
        }

        document.Dispose();
        throw new JsonException("It has a text that is no Unicode.");
    }

    /// <summary>Text that every database takes: PostgreSQL has no NUL in texts.</summary>
    public static string WithoutNul(this string text) => text.Replace('\0', '\uFFFD');

    private static bool IsReadable(ReadOnlySpan<byte> json)
    {
        if (!Utf8.IsValid(json))
        {
            return false;
        }

        // Half a pair stands in valid UTF-8 as an escape alone, and pairs of escapes stand hardly anywhere.
        return (json.IndexOf(@"\ud"u8) < 0 && json.IndexOf(@"\uD"u8) < 0) || AreTexts(json);
    }

    private static bool AreTexts(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 1000 });
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped)
                {
                    reader.GetString();
                }
            }

            return true;
        }
        catch (InvalidOperationException)
        {
            return false; // That is what the reader says of such a text.
        }
    }
}
