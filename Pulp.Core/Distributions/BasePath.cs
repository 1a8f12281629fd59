using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Plugins;
using Pulp.PluginSdk.Sync;

namespace Pulp.Core.Distributions;

/// <summary>The kinds of distributions that the base paths of one may lie below, or above of.</summary>
/// <param name="Above">Types whose base paths may lie above.</param>
/// <param name="Below">Types whose base paths may lie below.</param>
internal sealed record BasePathRules(IReadOnlyList<string> Above, IReadOnlyList<string> Below)
{
    public static BasePathRules Of(DistributionDeclaration kind, PluginCatalog plugins)
    {
        var all = plugins.Plugins.SelectMany(p => p.Distributions).ToList();
        return new BasePathRules(
            [.. all.Where(d => d.Above.Contains(kind.Record)).Select(d => d.PulpType)],
            [.. all.Where(d => kind.Above.Contains(d.Record)).Select(d => d.PulpType)]
        );
    }
}

/// <summary>Base paths: relative, no tricks, and none below another's, but for kinds that say so.</summary>
internal static class BasePath
{
    public static async Task CheckAsync(ChangeInput input, BasePathRules rules, CancellationToken cancellationToken)
    {
        if (input.Value<string>(nameof(Distribution.BasePath)) is not { } path || input.Errors.Has("base_path"))
        {
            return;
        }

        if (path.StartsWith('/') || path.EndsWith('/'))
        {
            input.Errors.Add("base_path", "Relative path cannot begin or end with slashes.");
            return;
        }

        if (
            path.Contains(' ', StringComparison.Ordinal)
            || !RelativePaths.IsSafe(path)
            || path.IndexOfAny(['?', '#', '%']) >= 0
        )
        {
            input.Errors.Add(
                "base_path",
                "Relative path cannot contain spaces, empty or dotted segments, or reserved characters."
            );
            return;
        }

        // Those above it by name, those below it by prefix: both are ranges of the index, not scans.
        var parts = path.Split('/');
        var above = Enumerable.Range(1, parts.Length - 1).Select(i => string.Join('/', parts[..i])).ToArray();
        var self = input.Key?.Id ?? Guid.Empty;
        var other = await input.Db.FirstOrDefaultAsync<string>(
            $"""
            select name from core_distribution
             where pulp_id <> {self} and pulp_domain_id = {input.Reach.Domain}
               and ((base_path in {above} and pulp_type not in {rules.Above})
                    or (base_path > {path + "/"} and base_path < {path
                + "0"} and pulp_type not in {rules.Below})) limit 1
            """,
            cancellationToken
        );
        if (other is not null && input.Errors.IsEmpty)
        {
            throw new OverlapException(other);
        }
    }
}
