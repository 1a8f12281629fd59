using Pulp.Core.Platform.Resources;
using Pulp.Core.Units;
using Pulp.PluginSdk.Repositories;

namespace Pulp.Core.Repositories;

/// <summary>Versions as plugins read and make them, on behalf of whoever the request or task belongs to.</summary>
internal sealed class PluginVersions(Database database, VersionChanges changes, UnitReader units, RequestOrigin origin)
    : IRepositoryVersions
{
    public async Task<RepositoryVersionRef?> ChangeAsync(
        Guid repository,
        Func<IVersionDraft, CancellationToken, Task> change,
        CancellationToken cancellationToken
    ) => RefOf(await changes.ChangeAsync(origin.Value, repository, change, cancellationToken));

    public async Task<RepositoryVersionRef?> LatestAsync(Guid repository, CancellationToken cancellationToken)
    {
        var reach = origin.Value.Reach;
        SqlText domain = reach.IsEverywhere ? (SqlText)$"1 = 1" : $"r.pulp_domain_id = {reach.Domain}";
        return RefOf(
            await database.FirstOrDefaultAsync<VersionRow>(
                $"""
                select v.pulp_id, v.repository_id, v.number, v.complete
                  from core_repositoryversion v join core_repository r on r.pulp_id = v.repository_id
                 where v.repository_id = {repository} and v.complete and {domain} order by v.number desc limit 1
                """,
                cancellationToken
            )
        );
    }

    public IAsyncEnumerable<T> ContentAsync<T>(
        RepositoryVersionRef version,
        SqlText? where,
        CancellationToken cancellationToken
    )
        where T : Content =>
        units.ReadAsync<T>(
            database,
            VersionUnits.Among(version.RepositoryId, version.Number, isNarrowed: where is not null),
            where,
            cancellationToken
        );

    private static RepositoryVersionRef? RefOf(VersionRow? row) =>
        row is null ? null : new RepositoryVersionRef(row.PulpId, row.RepositoryId, row.Number);
}
