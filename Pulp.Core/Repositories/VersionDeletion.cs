namespace Pulp.Core.Repositories;

/// <summary>Deletes a version by squashing its changes into the next: every other version stays exactly as it was.</summary>
internal static class VersionDeletion
{
    public static async Task DeleteAsync(IDb tx, VersionRow version, CancellationToken cancellationToken)
    {
        var next = await tx.FirstOrDefaultAsync<VersionRow>(
            $"""
            select pulp_id, repository_id, number, complete from core_repositoryversion
             where repository_id = {version.RepositoryId} and number > {version.Number} and complete
             order by number limit 1
            """,
            cancellationToken
        );
        if (next is null)
        {
            await UndoAsync(tx, version.RepositoryId, version.Number, cancellationToken);
        }
        else
        {
            await SquashAsync(tx, version, next, cancellationToken);
        }

        await tx.ExecuteAsync(
            $"delete from core_repositoryversion where pulp_id = {version.PulpId}",
            cancellationToken
        );
        if (next is not null)
        {
            await VersionSummaries.RecountAsync(tx, next, cancellationToken);
        }
    }

    /// <summary>
    /// Removes a version that won't be finished, with what was written under its number. The row goes first: a number belongs to
    /// somebody else as soon as its row does.
    /// </summary>
    public static async Task RemoveUnfinishedAsync(IDb tx, VersionRow version, CancellationToken cancellationToken)
    {
        await tx.ExecuteAsync(
            $"delete from core_versionupstream where version_id = {version.PulpId}",
            cancellationToken
        );
        var removed = await tx.ExecuteAsync(
            $"delete from core_repositoryversion where pulp_id = {version.PulpId} and complete = {false}",
            cancellationToken
        );
        if (removed == 1)
        {
            await UndoAsync(tx, version.RepositoryId, version.Number, cancellationToken);
        }
    }

    /// <summary>Takes back what was written under a number that no other version is built on.</summary>
    private static async Task UndoAsync(IDb tx, Guid repository, long number, CancellationToken cancellationToken)
    {
        await tx.ExecuteAsync(
            $"delete from core_repositorycontent where repository_id = {repository} and version_added = {number}",
            cancellationToken
        );
        await tx.ExecuteAsync(
            $"update core_repositorycontent set version_removed = null where repository_id = {repository} and version_removed = {number}",
            cancellationToken
        );
    }

    private static async Task SquashAsync(
        IDb tx,
        VersionRow version,
        VersionRow next,
        CancellationToken cancellationToken
    )
    {
        var (repository, gone, heir) = (version.RepositoryId, version.Number, next.Number);

        // There only in this version: nobody else held it.
        await tx.ExecuteAsync(
            $"""
            delete from core_repositorycontent
             where repository_id = {repository} and version_added = {gone} and version_removed = {heir}
            """,
            cancellationToken
        );
        await tx.ExecuteAsync(
            $"update core_repositorycontent set version_added = {heir} where repository_id = {repository} and version_added = {gone}",
            cancellationToken
        );

        // Away only in this version: the two intervals become one.
        await tx.ExecuteAsync(
            $"""
            update core_repositorycontent
               set version_removed = (select again.version_removed from core_repositorycontent again
                                       where again.repository_id = {repository} and again.version_added = {heir}
                                         and again.content_id = core_repositorycontent.content_id)
             where repository_id = {repository} and version_removed = {gone}
               and exists (select 1 from core_repositorycontent again
                            where again.repository_id = {repository} and again.version_added = {heir}
                              and again.content_id = core_repositorycontent.content_id)
            """,
            cancellationToken
        );
        // SQLite would walk the whole repository by its key.
        await tx.ExecuteAsync(
            $"""
            delete from core_repositorycontent {Sql.For("", "indexed by core_repositorycontent_added")}
             where repository_id = {repository} and version_added = {heir}
               and exists (select 1 from core_repositorycontent whole
                            where whole.repository_id = {repository}
                              and whole.content_id = core_repositorycontent.content_id and whole.version_added < {gone}
                              and (whole.version_removed is null or whole.version_removed > {heir}))
            """,
            cancellationToken
        );
        await tx.ExecuteAsync(
            $"update core_repositorycontent set version_removed = {heir} where repository_id = {repository} and version_removed = {gone}",
            cancellationToken
        );
    }
}
