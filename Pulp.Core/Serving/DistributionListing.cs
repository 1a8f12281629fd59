using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Settings;

namespace Pulp.Core.Serving;

/// <summary>The directories above all distributions, made of their base paths.</summary>
internal sealed class DistributionListing(PulpSettings settings)
{
    /// <param name="context">The request.</param>
    /// <param name="loaded">All distributions.</param>
    /// <param name="directory">A path below the content application that no distribution serves.</param>
    public Task SendAsync(HttpContext context, ServedTable loaded, string directory)
    {
        var entries = new SortedDictionary<string, ListingEntry>(StringComparer.Ordinal);
        var prefix = directory.Length == 0 || directory.EndsWith('/') ? directory : directory + "/";
        foreach (
            var (path, _) in loaded
                .Places.Select(p => (Path: p.Key, p.Value.Distribution.State))
                .Where(d =>
                    !d.State.Hidden
                    && !(settings.HideGuardedDistributions && d.State.ContentGuardId is not null)
                    && d.Path.StartsWith(prefix, StringComparison.Ordinal)
                    // At the top is the default domain, whose paths needn't name it.
                    && (prefix.Length > 0 || d.Path == d.State.BasePath)
                )
        )
        {
            var below = path[prefix.Length..];
            var slash = below.IndexOf('/', StringComparison.Ordinal);
            entries.TryAdd((slash < 0 ? below : below[..slash]) + "/", ListingEntry.Directory);
        }

        var isRoot = prefix.Length == 0 || loaded.Domains.Contains(prefix[..^1]);
        if (entries.Count == 0 && !isRoot)
        {
            return context.NotFoundAsync();
        }

        var title = settings.ContentPathPrefix + directory;
        return directory.Length > 0 && !directory.EndsWith('/')
            ? context.SlashAsync()
            : context.Response.PageAsync(ListingPage.Make(title, isRoot, entries));
    }
}
