using System.Globalization;
using System.Net;
using System.Text;
using Pulp.Core.Platform.Http;

namespace Pulp.Core.Serving;

/// <summary>What a listing shows beside a name.</summary>
internal sealed record ListingEntry(long? Size, DateTimeOffset? Since)
{
    public static ListingEntry Directory { get; } = new(null, null);
}

/// <summary>Directories as pages: names that are links, times and sizes.</summary>
internal static class ListingPage
{
    private static readonly string[] Units = ["kB", "MB", "GB", "TB", "PB", "EB"];

    /// <param name="path">The directory's whole path, as in its address.</param>
    /// <param name="isRoot">Whether it is that of all content: there is no way up.</param>
    /// <param name="entries">By name; a directory's ends with a slash.</param>
    public static byte[] Make(string path, bool isRoot, IReadOnlyDictionary<string, ListingEntry> entries)
    {
        var rows = new StringBuilder("<table class=\"files\">\n");
        rows.Append("<tr><th>Name</th><th class=\"time\">Date</th><th class=\"size\">Size</th></tr>\n");
        if (!isRoot)
        {
            rows.Append("<tr><td colspan=\"3\"><a href=\"../\">../</a></td></tr>\n");
        }

        foreach (var (name, entry) in entries)
        {
            // The leading "./" keeps names like "a:b" from being read as addresses.
            var link = "./" + string.Join('/', name.Split('/').Select(Uri.EscapeDataString));
            var time = entry.Since?.ToString("dd-MMM-yyyy HH:mm", CultureInfo.InvariantCulture);
            rows.Append(
                CultureInfo.InvariantCulture,
                $"<tr><td><a href=\"{link}\">{WebUtility.HtmlEncode(name)}</a></td>"
            );
            rows.Append(CultureInfo.InvariantCulture, $"<td class=\"time\">{time}</td>");
            rows.Append(CultureInfo.InvariantCulture, $"<td class=\"size\">{Readable(entry.Size)}</td></tr>\n");
        }

        return HtmlPage.Make($"Index of {path}", rows.Append("</table>").ToString());
    }

    /// <summary>In decimal units with one place, as the original shows them.</summary>
    public static string Readable(long? size)
    {
        switch (size)
        {
            case null:
                return "";
            case 1:
                return "1 Byte";
            case < 1000:
                return string.Create(CultureInfo.InvariantCulture, $"{size} Bytes");
        }

        var (shown, unit) = (size.Value / 1000.0, 0);
        while (shown >= 1000 && unit < Units.Length - 1)
        {
            (shown, unit) = (shown / 1000, unit + 1);
        }

        return string.Create(CultureInfo.InvariantCulture, $"{shown:0.0} {Units[unit]}");
    }
}
