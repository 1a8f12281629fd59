using System.Collections.Concurrent;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace PulpPython.Index;

/// <summary>The forms of the simple index's pages, and which of them a client wants (PEP 691).</summary>
internal sealed record PageForm
{
    /// <summary>For people, and for clients that are older than the others.</summary>
    public static readonly PageForm Html = new("text/html; charset=utf-8", IsJson: false);

    private static readonly PageForm VersionedHtml = new("application/vnd.pypi.simple.v1+html", IsJson: false);
    private static readonly PageForm Json = new("application/vnd.pypi.simple.v1+json", IsJson: true);

    /// <summary>By the type that is asked for; where a client likes several as much, the first of them.</summary>
    private static readonly (string Type, PageForm Form)[] Exact =
    [
        ("application/vnd.pypi.simple.v1+json", Json),
        ("application/vnd.pypi.simple.latest+json", Json),
        ("application/vnd.pypi.simple.v1+html", VersionedHtml),
        ("application/vnd.pypi.simple.latest+html", VersionedHtml),
        ("text/html", Html),
    ];

    private static readonly (string Type, PageForm Form)[] Ranges =
    [
        ("text/*", Html),
        ("application/*", Json),
        ("*/*", Html),
    ];

    /// <summary>Clients send few different headers, and each of them sends the same with every request.</summary>
    private static readonly ConcurrentDictionary<string, PageForm> Known = new(StringComparer.Ordinal);

    private const int MostKnown = 500;
    private const int LongestKnown = 500;

    private PageForm(string mediaType, bool IsJson) => (MediaType, this.IsJson) = (mediaType, IsJson);

    /// <summary>What the answer says it is.</summary>
    public string MediaType { get; }

    /// <summary>JSON, not HTML.</summary>
    public bool IsJson { get; }

    /// <summary>By the parameter <c>format</c>: a short name or a media type. Null for what nobody knows.</summary>
    public static PageForm? OfFormat(string format) =>
        format switch
        {
            "html" => Html,
            "json" => Json,
            _ => Exact.FirstOrDefault(e => e.Type == format).Form,
        };

    /// <summary>By the header <c>Accept</c> with its weights. Who takes none of the forms gets HTML, as PEP 691 allows.</summary>
    public static PageForm OfAccept(StringValues accept)
    {
        var header = accept.ToString();
        if (header.Length == 0)
        {
            return Html;
        }

        if (Known.TryGetValue(header, out var known))
        {
            return known;
        }

        var form = Choose(accept);
        if (header.Length <= LongestKnown && Known.Count < MostKnown)
        {
            Known[header] = form;
        }

        return form;
    }

    private static PageForm Choose(StringValues accept)
    {
        if (!MediaTypeHeaderValue.TryParseList(accept, out var wanted))
        {
            return Html;
        }

        var refused = wanted.Where(w => w.Quality == 0).Select(Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        // A type that is named counts more than one that a range takes in, as long as it isn't liked less.
        return Exact
                .Concat(Ranges.Where(r => !refused.Contains(BareType(r.Form))))
                .SelectMany((e, at) => wanted.Where(w => IsNamed(w, e.Type)).Select(w => (w.Quality, at, e.Form)))
                .Where(m => m.Quality != 0)
                .OrderByDescending(m => m.Quality ?? 1)
                .ThenBy(m => m.at)
                .FirstOrDefault()
                .Form
            ?? Html;
    }

    private static bool IsNamed(MediaTypeHeaderValue wanted, string type) =>
        wanted.MediaType.Equals(type, StringComparison.OrdinalIgnoreCase);

    private static string Name(MediaTypeHeaderValue wanted) => wanted.MediaType.ToString();

    private static string BareType(PageForm form) => form.MediaType.Split(';')[0];
}
