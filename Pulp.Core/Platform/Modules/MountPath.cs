using Pulp.Core.Platform.Resources;
using Pulp.Core.Platform.Settings;

namespace Pulp.Core.Platform.Modules;

/// <summary>Where routes outside the API may be mounted.</summary>
internal static class MountPath
{
    /// <summary>What is wrong with a mount; null when nothing is, and it is noted as taken then.</summary>
    public static string? Fault(string mount, ISet<string> taken, PulpSettings settings)
    {
        var path = mount.TrimEnd('/');
        if (!path.StartsWith('/') || path[1..].Split('/').Any(part => part is "" or "." or ".."))
        {
            return $"routes can't be mounted at '{mount}': it is no path of the server";
        }

        if (Overlaps(path, ResourceKind.ApiRoot) || Overlaps(path, settings.ContentPathPrefix))
        {
            return $"routes can't be mounted at '{mount}': the server's own paths are there";
        }

        return taken.Add(path) ? null : $"routes can't be mounted at '{mount}': it is taken";
    }

    /// <summary>Whether one lies below the other.</summary>
    private static bool Overlaps(string mount, string prefix) =>
        prefix.StartsWith(mount + "/", StringComparison.Ordinal)
        || (mount + "/").StartsWith(prefix, StringComparison.Ordinal);
}
