using System.Text;
using Pulp.PluginSdk.Errors;

namespace PulpPython.Metadata;

/// <summary>
/// The text of core metadata: fields like the headers of a mail, some of them more than once, lines that go on in the next, and
/// behind an empty line the description.
/// </summary>
internal sealed class MetadataText
{
    /// <summary>More than PyPI takes.</summary>
    public const int MaxBytes = 16 * 1024 * 1024;

    private const int MostFields = 20_000;
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private readonly Dictionary<string, List<StringBuilder>> _fields;

    private MetadataText(Dictionary<string, List<StringBuilder>> fields, string body)
    {
        _fields = fields;
        Body = body;
    }

    /// <summary>What follows the fields.</summary>
    public string Body { get; }

    /// <exception cref="ValidationException">It isn't such a text.</exception>
    public static MetadataText Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > MaxBytes)
        {
            throw Fault($"is larger than {MaxBytes} bytes");
        }

        var text = Decode(bytes);
        if (text.Contains('\0', StringComparison.Ordinal))
        {
            throw Fault("has a null character");
        }

        var at = 0;
        var fields = ReadFields(text, ref at);
        return new MetadataText(fields, text[at..].Replace("\r\n", "\n", StringComparison.Ordinal).TrimEnd('\n'));
    }

    /// <summary>The first value, on one line; empty where there is none.</summary>
    public string Line(string name) => _fields.TryGetValue(name, out var values) ? OneLine(values[0]) : "";

    /// <summary>The first value with its lines; empty where there is none.</summary>
    public string Text(string name) => _fields.TryGetValue(name, out var values) ? values[0].ToString().Trim() : "";

    /// <summary>All values, each on one line.</summary>
    public IReadOnlyList<string> All(string name) =>
        _fields.TryGetValue(name, out var values) ? [.. values.Select(OneLine)] : [];

    /// <exception cref="ValidationException">It isn't there, or empty.</exception>
    public string Required(string name) =>
        Line(name) is { Length: > 0 } value ? value : throw Fault($"lacks the field {name}");

    /// <summary>Reads until the empty line, or to a line that is no field: then that begins the description, as mail readers have it.</summary>
    private static Dictionary<string, List<StringBuilder>> ReadFields(string text, ref int at)
    {
        var fields = new Dictionary<string, List<StringBuilder>>(StringComparer.OrdinalIgnoreCase);
        StringBuilder? last = null;
        for (var count = 0; at < text.Length; count++)
        {
            var start = at;
            var line = Next(text, ref at);
            if (line.Length == 0)
            {
                break;
            }

            if (line[0] is ' ' or '\t' && last is not null)
            {
                last.Append('\n').Append(Unfolded(line));
                continue;
            }

            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0 || line.AsSpan(0, colon).ContainsAnyExceptInRange('!', '~'))
            {
                at = start;
                break;
            }

            if (count >= MostFields)
            {
                throw Fault($"has more than {MostFields} lines of fields");
            }

            last = new StringBuilder(line[(colon + 1)..].TrimStart());
            var name = line[..colon];
            if (!fields.TryGetValue(name, out var values))
            {
                fields[name] = values = [];
            }

            values.Add(last);
        }

        return fields;
    }

    /// <summary>A line that goes on, without what says that it does: seven spaces and a bar, or eight spaces, or else one of them.</summary>
    private static string Unfolded(string line) =>
        line.StartsWith("       |", StringComparison.Ordinal) || line.StartsWith("        ", StringComparison.Ordinal)
            ? line[8..]
            : line[1..];

    private static string OneLine(StringBuilder value) =>
        string.Join(
            ' ',
            value.ToString().Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        );

    private static string Next(string text, ref int at)
    {
        var end = text.IndexOf('\n', at);
        var line = text[at..(end < 0 ? text.Length : end)];
        at = end < 0 ? text.Length : end + 1;
        return line.EndsWith('\r') ? line[..^1] : line;
    }

    /// <summary>UTF-8 as the format says; what was written before it said so is mostly Latin-1.</summary>
    private static string Decode(ReadOnlySpan<byte> bytes)
    {
        var text = bytes.StartsWith("\uFEFF"u8) ? bytes[3..] : bytes;
        try
        {
            return Utf8.GetString(text);
        }
        catch (DecoderFallbackException)
        {
            return Encoding.Latin1.GetString(text);
        }
    }

    private static ValidationException Fault(string what) => new("file", $"Its metadata {what}.");
}
