using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Resources;
using Pulp.PluginSdk.Sync;

namespace Pulp.Core.Distributions;

/// <summary>Base paths: relative, no tricks, and none below another's.</summary>
internal static class BasePath
{
    public static async Task CheckAsync(ChangeInput input, CancellationToken cancellationToken)
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
             where pulp_id <> {self}
               and (base_path in {above} or (base_path > {path + "/"} and base_path < {path + "0"})) limit 1
            """,
            cancellationToken
        );
        if (other is not null && input.Errors.IsEmpty)
        {
            throw new OverlapException(other);
        }
    }
}
