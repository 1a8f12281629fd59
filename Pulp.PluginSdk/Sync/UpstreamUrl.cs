using System.Text;
using Pulp.PluginSdk.Errors;

namespace Pulp.PluginSdk.Sync;

/// <summary>Arithmetic on upstream addresses.</summary>
public static class UpstreamUrl
{
    /// <summary>The address of a path below the directory of a base address, whose query is kept.</summary>
    /// <param name="baseUrl">The base; what follows its last slash is dropped.</param>
    /// <param name="relativePath">A path from upstream's metadata.</param>
    /// <exception cref="UpstreamException">The path climbs, is absolute or is empty.</exception>
    public static string Below(string baseUrl, string relativePath)
    {
        ArgumentNullException.ThrowIfNull(baseUrl);
        if (!RelativePaths.IsSafe(relativePath))
        {
            throw new UpstreamException(
                $"The upstream lists a path that is not allowed: '{RelativePaths.Shorten(relativePath)}'."
            );
        }

        var query = baseUrl.IndexOf('?', StringComparison.Ordinal);
        var path = query < 0 ? baseUrl : baseUrl[..query];
        var slash = path.LastIndexOf('/');
        var scheme = path.IndexOf("://", StringComparison.Ordinal);
        var directory = slash > scheme + 2 ? path[..(slash + 1)] : path + "/";
        var escaped = string.Join('/', relativePath.Split('/').Select(Uri.EscapeDataString));
        return directory + escaped + (query < 0 ? "" : baseUrl[query..]);
    }
}

/// <summary>Rules for paths that come from outside.</summary>
public static class RelativePaths
{
    /// <summary>The longest path in bytes of UTF-8: what every database can hold in an index.</summary>
    public const int MaxBytes = 2500;

    /// <summary>
    /// True for a path that stays below where it is put: not empty, not absolute, no <c>.</c>, <c>..</c> or empty segment, no
    /// control character or backslash, no unpaired surrogate, at most <see cref="MaxBytes"/> long.
    /// </summary>
    /// <param name="path">The path.</param>
    public static bool IsSafe(string path)
    {
        if (
            string.IsNullOrEmpty(path)
            || Encoding.UTF8.GetByteCount(path) > MaxBytes
            || path[0] == '/'
            || path[^1] == '/'
        )
        {
            return false;
        }

        for (var i = 0; i < path.Length; i++)
        {
            var c = path[i];
            if (char.IsControl(c) || c == '\\')
            {
                return false;
            }

            if (char.IsSurrogate(c))
            {
                if (!char.IsHighSurrogate(c) || i + 1 >= path.Length || !char.IsLowSurrogate(path[i + 1]))
                {
                    return false;
                }

                i++;
            }
        }

        return !path.Split('/').Any(segment => segment is "" or "." or "..");
    }

    /// <summary>A path for messages: cut, without control characters.</summary>
    /// <param name="path">The path.</param>
    public static string Shorten(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        var clean = new string(
            path.Take(200).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c).ToArray()
        );
        return path.Length > 200 ? clean + "…" : clean;
    }
}
