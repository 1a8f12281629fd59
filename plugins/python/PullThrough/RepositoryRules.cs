using Pulp.PluginSdk.Data;
using PulpPython.Repositories;

namespace PulpPython.PullThrough;

/// <summary>What a repository says of packages from outside.</summary>
internal sealed record RepositoryRules(bool AllowsSubstitution, Blocklist Blocklist)
{
    /// <param name="db">The database.</param>
    /// <param name="repository">The repository; null where an index has none.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task<RepositoryRules> OfAsync(IDb db, Guid? repository, CancellationToken cancellationToken)
    {
        if (repository is not { } id)
        {
            return new RepositoryRules(AllowsSubstitution: true, Blocklist.None);
        }

        var allows = await db.FirstOrDefaultAsync<bool>(
            $"select allow_package_substitution from python_pythonrepository where pulp_id = {id}",
            cancellationToken
        );
        return new RepositoryRules(allows, await Blocklist.OfAsync(db, id, cancellationToken));
    }
}
