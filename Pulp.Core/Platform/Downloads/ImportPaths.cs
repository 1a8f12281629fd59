namespace Pulp.Core.Platform.Downloads;

/// <summary>Files that <c>file://</c> may reach.</summary>
internal static class ImportPaths
{
    /// <summary>As many as the kernel follows: more are a circle.</summary>
    private const int MostLinks = 40;

    /// <summary>The real path when it lies below an allowed directory, all links followed; else null.</summary>
    public static string? Resolve(Uri uri, IReadOnlyList<string> allowed)
    {
        if (!uri.IsFile || uri.Host.Length > 0 || uri.LocalPath.Contains('\0', StringComparison.Ordinal))
        {
            return null;
        }

        return Real(uri.LocalPath) is { } path && allowed.Any(a => Real(a) is { } directory && IsBelow(path, directory))
            ? path
            : null;
    }

    private static bool IsBelow(string path, string directory) =>
        path == directory || path.StartsWith(directory.TrimEnd('/') + "/", StringComparison.Ordinal);

    /// <summary>
    /// The path without links: those on the way, and those that their targets lead through, as the kernel would follow them. What
    /// isn't there has no links. Null for links in a circle.
    /// </summary>
    private static string? Real(string path)
    {
        var links = 0;
        var real = "/";
        var left = new Stack<string>(Segments(path));
        while (left.TryPop(out var segment))
        {
            if (segment == "..")
            {
                real = Path.GetDirectoryName(real) ?? "/";
                continue;
            }

            var next = Path.Combine(real, segment);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                real = next;
                continue;
            }

            if (++links > MostLinks)
            {
                return null;
            }

            real = Path.IsPathRooted(target) ? "/" : real;
            foreach (var one in Segments(target))
            {
                left.Push(one);
            }
        }

        return real;
    }

    /// <summary>The parts of a path, the last first: so they are laid on a stack.</summary>
    private static IEnumerable<string> Segments(string path) =>
        path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(s => s != ".").Reverse();
}
