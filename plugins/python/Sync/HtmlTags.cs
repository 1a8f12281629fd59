using System.Net;
using PulpPython.Metadata;

namespace PulpPython.Sync;

/// <summary>A tag with its attributes and the text behind it.</summary>
internal sealed record HtmlTag(string Name, IReadOnlyDictionary<string, string> Attributes, string Text)
{
    /// <summary>An attribute, decoded; empty where it stands without a value, null where it doesn't stand.</summary>
    public string? this[string attribute] => Attributes.GetValueOrDefault(attribute)?.WithoutNul();
}

/// <summary>The opening tags of a page, one after the other: of HTML no more is needed to read an index.</summary>
internal static class HtmlTags
{
    private const string Space = " \t\r\n\f";

    public static IEnumerable<HtmlTag> Of(string html)
    {
        for (var at = html.IndexOf('<', StringComparison.Ordinal); at >= 0; at = Next(html, at))
        {
            if (html.AsSpan(at).StartsWith("<!--", StringComparison.Ordinal))
            {
                at = html.IndexOf("-->", at + 4, StringComparison.Ordinal);
                if (at < 0)
                {
                    yield break;
                }

                continue;
            }

            if (at + 1 < html.Length && char.IsAsciiLetter(html[at + 1]))
            {
                at++;
                yield return Read(html, ref at);
            }
        }
    }

    private static int Next(string html, int at) => at + 1 < html.Length ? html.IndexOf('<', at + 1) : -1;

    /// <summary>Reads a tag whose name begins at the place, which is then on its last character.</summary>
    private static HtmlTag Read(string html, ref int at)
    {
        var name = Until(html, ref at, Space + "/>").ToLowerInvariant();
        var attributes = new Dictionary<string, string>(StringComparer.Ordinal);
        while (Skip(html, ref at, Space + "/") && html[at] != '>')
        {
            var attribute = Until(html, ref at, Space + "=/>").ToLowerInvariant();
            var value = Skip(html, ref at, Space) && html[at] == '=' ? Value(html, ref at) : "";
            if (attribute.Length > 0)
            {
                // Of an attribute that stands twice the first counts.
                attributes.TryAdd(attribute, WebUtility.HtmlDecode(value));
            }
        }

        at = Math.Min(at, html.Length - 1);
        var end = Next(html, at);
        var text = html[(at + 1)..(end < 0 ? html.Length : end)];
        return new HtmlTag(name, attributes, WebUtility.HtmlDecode(text).Trim());
    }

    /// <summary>Reads a value whose equals sign is at the place.</summary>
    private static string Value(string html, ref int at)
    {
        at++;
        if (!Skip(html, ref at, Space))
        {
            return "";
        }

        if (html[at] is not ('"' or '\''))
        {
            return Until(html, ref at, Space + ">");
        }

        var quote = html[at++].ToString();
        var value = Until(html, ref at, quote);
        at++;
        return value;
    }

    private static string Until(string html, ref int at, string ends)
    {
        var start = at;
        var length = html.AsSpan(at).IndexOfAny(ends);
        at = length < 0 ? html.Length : at + length;
        return html[start..at];
    }

    /// <summary>False at the page's end.</summary>
    private static bool Skip(string html, ref int at, string characters)
    {
        while (at < html.Length && characters.Contains(html[at], StringComparison.Ordinal))
        {
            at++;
        }

        return at < html.Length;
    }
}
