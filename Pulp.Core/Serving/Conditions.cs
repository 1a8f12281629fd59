using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Net.Http.Headers;

namespace Pulp.Core.Serving;

/// <summary>What a request's conditions and range ask for (RFC 9110, sections 13 and 14).</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Conditions(int Status, long From, long Length)
{
    /// <param name="headers">The request's.</param>
    /// <param name="etag">Of what would be sent.</param>
    /// <param name="modified">When that changed last; null when nobody knows: conditions by date don't count then.</param>
    /// <param name="size">Its bytes.</param>
    public static Conditions Evaluate(IHeaderDictionary headers, string etag, DateTimeOffset? modified, long size)
    {
        var whole = new Conditions(200, 0, size);
        // Most requests carry none of these.
        if (headers.IfMatch.Count > 0 && !Matches(headers.IfMatch.ToString(), etag, weak: false))
        {
            return whole with { Status = 412 };
        }

        if (headers.IfMatch.Count == 0 && IsBefore(headers.IfUnmodifiedSince.ToString(), modified) is true)
        {
            return whole with { Status = 412 };
        }

        if (headers.IfNoneMatch.Count > 0)
        {
            if (Matches(headers.IfNoneMatch.ToString(), etag, weak: true))
            {
                return whole with { Status = 304 };
            }
        }
        else if (headers.IfModifiedSince.Count > 0 && IsAt(headers.IfModifiedSince.ToString(), modified))
        {
            // Not "or later": a distribution that is put back serves files that are older than what the client has.
            return whole with { Status = 304 };
        }

        return headers.Range.Count > 0 && IfRangeHolds(headers.IfRange.ToString(), etag, modified)
            ? Range(headers.Range.ToString(), size)
            : whole;
    }

    /// <summary>The header of an answer to a range, sent or refused.</summary>
    public string ContentRange(string size) =>
        Status == 206
            ? string.Create(CultureInfo.InvariantCulture, $"bytes {From}-{From + Length - 1}/{size}")
            : $"bytes */{size}";

    /// <summary>One range; several, or what isn't bytes, get the whole file, as the RFC allows.</summary>
    private static Conditions Range(string header, long size)
    {
        var whole = new Conditions(200, 0, size);
        if (!RangeHeaderValue.TryParse(header, out var parsed) || parsed.Unit != "bytes" || parsed.Ranges.Count != 1)
        {
            return IsBackwards(header) ? new Conditions(416, 0, 0) : whole;
        }

        var range = parsed.Ranges.First();
        if (range.From is not { } from)
        {
            var last = Math.Min(range.To ?? 0, size);
            return last == 0 ? new Conditions(416, 0, 0) : new Conditions(206, size - last, last);
        }

        if (from >= size)
        {
            return new Conditions(416, 0, 0);
        }

        var to = Math.Min(range.To ?? (size - 1), size - 1);
        return new Conditions(206, from, to - from + 1);
    }

    /// <summary>A range that ends before it begins: nginx and registries' clients take it for one that can't be satisfied.</summary>
    private static bool IsBackwards(string header) =>
        header.StartsWith("bytes=", StringComparison.Ordinal)
        && header["bytes=".Length..].Split('-') is [var first, var last]
        && long.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var from)
        && long.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out var to)
        && from > to;

    private static bool IfRangeHolds(string header, string etag, DateTimeOffset? modified) =>
        header.Length == 0 || (header[0] is '"' ? header == etag : IsAt(header, modified));

    private static bool Matches(string header, string etag, bool weak)
    {
        foreach (var part in header.Split(','))
        {
            var tag = part.Trim();
            if (
                tag == "*"
                || tag == etag
                || (weak && tag.StartsWith("W/", StringComparison.Ordinal) && tag[2..] == etag)
            )
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsAt(string header, DateTimeOffset? modified) =>
        modified is { } moment && HeaderUtilities.TryParseDate(header, out var date) && date == Seconds(moment);

    /// <summary>Whether the date lies before the last change; null when there is none.</summary>
    private static bool? IsBefore(string header, DateTimeOffset? modified) =>
        header.Length > 0 && modified is { } moment && HeaderUtilities.TryParseDate(header, out var date)
            ? date < Seconds(moment)
            : null;

    private static DateTimeOffset Seconds(DateTimeOffset moment) =>
        DateTimeOffset.FromUnixTimeSeconds(moment.ToUnixTimeSeconds());
}
