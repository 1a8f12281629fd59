using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Settings;

namespace Pulp.Core.Serving;

/// <summary>The directories above all distributions, made of their base paths.</summary>
internal sealed class DistributionListing(PulpSettings settings)
{
    /// <param name="context">The request.</param>
    /// <param name="loaded">All distributions.</param>
    /// <param name="directory">A path below the content application that no distribution serves.</param>
    public Task SendAsync(HttpContext context, DistributionTable.Table loaded, string directory)
    {
        var entries = new SortedDictionary<string, ListingEntry>(StringComparer.Ordinal);
        var prefix = directory.Length == 0 || directory.EndsWith('/') ? directory : directory + "/";
        foreach (
            var one in loaded.ByBasePath.Values.Where(d =>
                !d.State.Hidden
                && !(settings.HideGuardedDistributions && d.State.ContentGuardId is not null)
                && d.State.BasePath.StartsWith(prefix, StringComparison.Ordinal)
            )
        )
        {
            var below = one.State.BasePath[prefix.Length..];
            var slash = below.IndexOf('/', StringComparison.Ordinal);
            entries.TryAdd((slash < 0 ? below : below[..slash]) + "/", ListingEntry.Directory);
        }

        if (entries.Count == 0 && directory.Length > 0)
        {
            return context.NotFoundAsync();
        }

        var path = settings.ContentPathPrefix + directory;
        return directory.Length > 0 && !directory.EndsWith('/')
            ? context.SlashAsync()
            : context.Response.PageAsync(ListingPage.Make(path, directory.Length == 0, entries));
    }
}
