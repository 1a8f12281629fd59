using System.Diagnostics.CodeAnalysis;

namespace PulpPython.Sync;

/// <summary>Addresses on an index's pages.</summary>
internal static class IndexLinks
{
    private static readonly string[] Algorithms = ["md5", "sha1", "sha224", "sha384", "sha512"];

    /// <summary>The absolute address that a page means; false for what isn't on the web: a page can't name files of this machine.</summary>
    public static bool TryResolve(Uri page, string link, [NotNullWhen(true)] out Uri? url) =>
        Uri.TryCreate(page, link.Trim(), out url) && url.Scheme is "http" or "https";

    /// <summary>Without what is behind <c>#</c>.</summary>
    public static string WithoutFragment(Uri url) =>
        url.GetComponents(UriComponents.HttpRequestUrl | UriComponents.UserInfo, UriFormat.UriEscaped);

    /// <summary>The last part of the path, decoded.</summary>
    public static string Filename(Uri url) => Uri.UnescapeDataString(url.Segments[^1]);

    /// <summary>A SHA-256 in small letters; null where it is none.</summary>
    public static string? Sha256(string? digest) =>
        digest is { Length: 64 } && digest.All(char.IsAsciiHexDigit) ? digest.ToLowerInvariant() : null;

    /// <summary>The digests beside SHA-256 that can be checked.</summary>
    public static IReadOnlyDictionary<string, string> Others(IEnumerable<KeyValuePair<string, string>> digests) =>
        digests
            .Where(d => Algorithms.Contains(d.Key) && d.Value.Length > 0 && d.Value.All(char.IsAsciiHexDigit))
            .DistinctBy(d => d.Key, StringComparer.Ordinal)
            .ToDictionary(d => d.Key, d => d.Value.ToLowerInvariant(), StringComparer.Ordinal);

    /// <summary>A digest as <c>algorithm=hex</c>, the form of fragments and attributes; null where it is none.</summary>
    public static KeyValuePair<string, string>? Digest(string? text) =>
        text?.Split('=', 2) is [{ Length: > 0 } algorithm, { Length: > 0 } hex]
            ? KeyValuePair.Create(algorithm.TrimStart('#').ToLowerInvariant(), hex)
            : null;
}
