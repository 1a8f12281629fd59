namespace Pulp.Core.Repositories;

/// <summary>Which versions may go: none that is served, and never the last.</summary>
internal sealed class VersionRetention
{
    /// <summary>Versions that distributions depend on, directly or through a publication, and checkpoints.</summary>
    public static SqlText Protected(Guid repository) =>
        $"""
            select d.repository_version_id from core_distribution d where d.repository_version_id is not null
            union
            select p.repository_version_id from core_distribution d join core_publication p on p.pulp_id = d.publication_id
            union
            select p.repository_version_id from core_publication p where p.checkpoint
            union
            select v.pulp_id from core_repositoryversion v
             where v.repository_id = {repository}
               and exists (select 1 from core_distribution d where d.repository_id = {repository})
               and v.number = (select max(s.number) from core_repositoryversion s
                                where s.repository_id = {repository} and s.complete
                                  and (exists (select 1 from core_publication p
                                                where p.repository_version_id = s.pulp_id and p.complete)
                                       or not exists (select 1 from core_publication p
                                                        join core_repositoryversion w on w.pulp_id = p.repository_version_id
                                                       where w.repository_id = {repository} and p.complete)))
            """;

    public static async Task<bool> IsProtectedAsync(
        IDb session,
        VersionRow version,
        CancellationToken cancellationToken
    ) =>
        await session.FirstOrDefaultAsync<long>(
            $"select 1 from ({Protected(version.RepositoryId)}) p where p.repository_version_id = {version.PulpId}",
            cancellationToken
        ) == 1;

    /// <summary>Deletes the versions that the repository no longer retains.</summary>
    public async Task ApplyAsync(IDb tx, Guid repository, CancellationToken cancellationToken)
    {
        var retain = await tx.FirstOrDefaultAsync<long?>(
            $"select retain_repo_versions from core_repository where pulp_id = {repository}",
            cancellationToken
        );
        await ApplyAsync(tx, repository, retain, cancellationToken);
    }

    /// <summary>Deletes all but the last so many versions; none where null.</summary>
    public async Task ApplyAsync(IDb tx, Guid repository, long? retain, CancellationToken cancellationToken)
    {
        if (retain is not { } keep)
        {
            return;
        }

        var old = await tx.QueryAsync<VersionRow>(
            $"""
            select pulp_id, repository_id, number, complete from core_repositoryversion
             where repository_id = {repository} and complete
               and number <= (select number from core_repositoryversion
                               where repository_id = {repository} and complete
                               order by number desc limit 1 offset {keep})
               and pulp_id not in ({Protected(repository)})
             order by number
            """,
            cancellationToken
        );
        foreach (var version in old)
        {
            await VersionDeletion.DeleteAsync(tx, version, cancellationToken);
        }
    }
}
