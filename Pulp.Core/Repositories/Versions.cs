using Pulp.Core.Platform.Resources;
using Pulp.Core.Tasks;

namespace Pulp.Core.Repositories;

/// <summary>Finds versions and begins new ones.</summary>
internal sealed class Versions(VersionServices services, Database database) : ITaskLeftovers
{
    public async Task<VersionRow> LatestAsync(IDb session, Guid repository, CancellationToken cancellationToken) =>
        await session.FirstOrDefaultAsync<VersionRow>(
            $"""
            select pulp_id, repository_id, number, complete from core_repositoryversion
             where repository_id = {repository} and complete order by number desc limit 1
            """,
            cancellationToken
        ) ?? throw new NotFoundException("The repository is gone.");

    public async Task<VersionRow?> FindAsync(IDb session, Guid version, CancellationToken cancellationToken) =>
        await session.FirstOrDefaultAsync<VersionRow>(
            $"select pulp_id, repository_id, number, complete from core_repositoryversion where pulp_id = {version} and complete",
            cancellationToken
        );

    public async Task<VersionRow?> FindAsync(
        IDb session,
        Guid repository,
        long number,
        CancellationToken cancellationToken
    ) =>
        await session.FirstOrDefaultAsync<VersionRow>(
            $"""
            select pulp_id, repository_id, number, complete from core_repositoryversion
             where repository_id = {repository} and number = {number} and complete
            """,
            cancellationToken
        );

    /// <summary>Makes version 0 of a repository that is being created.</summary>
    public async Task CreateFirstAsync(IDb tx, Guid repository, CancellationToken cancellationToken)
    {
        var now = services.Clock.GetUtcNow();
        await tx.ExecuteAsync(
            $"""
            insert into core_repositoryversion (pulp_id, pulp_created, pulp_last_updated, repository_id, number, complete)
            values ({Ids.New(now)}, {now}, {now}, {repository}, 0, {true})
            """,
            cancellationToken
        );
        await tx.ExecuteAsync(
            $"update core_repository set next_version = 1 where pulp_id = {repository}",
            cancellationToken
        );
    }

    /// <summary>Begins the next version for a task that has reserved the repository.</summary>
    public Task<VersionBuilder> BeginAsync(
        Guid repository,
        Guid? baseVersion,
        Guid task,
        CancellationToken cancellationToken
    ) => BeginAsync(database, repository, baseVersion, task, cancellationToken);

    /// <summary>Begins the next version on the session, for whoever has the repository for itself.</summary>
    public async Task<VersionBuilder> BeginAsync(
        SqlSession session,
        Guid repository,
        Guid? baseVersion,
        Guid? task,
        CancellationToken cancellationToken
    )
    {
        var begun = new NewVersion(services.Clock.GetUtcNow(), repository, baseVersion);
        var answered = await session.BatchAsync(
            [
                // In one transaction nobody sees the version, or has to remove what is left of it, before it is complete.
                session is TransactionSession
                    ? NewVersion.NumberIn(repository)
                    : begun.Store(task),
                $"select pulp_type from core_repository where pulp_id = {repository}",
            ],
            cancellationToken
        );
        return Begun(session, begun, answered[0], answered[1] is [[string type, ..], ..] ? type : "");
    }

    /// <summary>Begins the next version in a transaction that has the repository for itself, and was answered the version's number.</summary>
    /// <exception cref="NotFoundException">There is no such repository.</exception>
    public VersionBuilder Begun(
        TransactionSession session,
        Guid repository,
        IReadOnlyList<object?[]> answered,
        string repositoryType
    ) =>
        Begun(
            session,
            new NewVersion(services.Clock.GetUtcNow(), repository, BaseVersion: null),
            answered,
            repositoryType
        );

    private VersionBuilder Begun(
        SqlSession session,
        NewVersion begun,
        IReadOnlyList<object?[]> answered,
        string repositoryType
    )
    {
        if (answered is not [[long number, ..], ..])
        {
            throw new NotFoundException("The repository is gone.");
        }

        var row = new VersionRow
        {
            PulpId = begun.Id,
            RepositoryId = begun.Repository,
            Number = number,
        };
        return new VersionBuilder(
            services,
            session,
            row,
            repositoryType,
            new VersionEnd(services, row, session is TransactionSession ? begun : null)
        );
    }

    public string HrefOf(DomainScope domain, VersionRow version, ResourceKind repository) =>
        $"{repository.Href(domain, version.RepositoryId)}versions/{version.Number}/";

    public static string PrnOf(VersionRow version) => $"prn:core.repositoryversion:{version.PulpId}";

    /// <summary>An unfinished version goes with the task that was building it.</summary>
    public async Task RemoveAsync(IDb tx, Guid taskId, CancellationToken cancellationToken)
    {
        var unfinished = await tx.QueryAsync<VersionRow>(
            $"""
            select pulp_id, repository_id, number, complete from core_repositoryversion
             where task_id = {taskId} and not complete
            """,
            cancellationToken
        );
        foreach (var version in unfinished)
        {
            await VersionDeletion.RemoveUnfinishedAsync(tx, version, cancellationToken);
        }
    }
}
