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
        var next = Next(repository, baseVersion, task, $"1 = 1");
        var begun = await session.BatchAsync(
            [next.Statement, $"select pulp_type from core_repository where pulp_id = {repository}"],
            cancellationToken
        );
        return Begun(session, next, begun[0], begun[1] is [[string type, ..], ..] ? type : "");
    }

    /// <summary>The next version of a repository, for whoever sends its statement together with others.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="baseVersion">The version that it begins from, where that isn't the latest.</param>
    /// <param name="task">The task that makes it; null for none.</param>
    /// <param name="condition">It is begun where this holds.</param>
    public NextVersion Next(Guid repository, Guid? baseVersion, Guid? task, SqlText condition)
    {
        var now = services.Clock.GetUtcNow();
        var id = Ids.New(now);
        return new NextVersion(
            id,
            repository,
            $"""
            insert into core_repositoryversion (pulp_id, pulp_created, pulp_last_updated, repository_id, number, complete,
                                                base_version_id, task_id)
            select {id}, {now}, {now}, pulp_id, next_version, {false}, {baseVersion}, {task}
              from core_repository where pulp_id = {repository} and {condition}
            returning number
            """
        );
    }

    /// <summary>Goes on with what the statement answered.</summary>
    /// <exception cref="NotFoundException">There is no such repository.</exception>
    public VersionBuilder Begun(
        SqlSession session,
        NextVersion next,
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
            PulpId = next.Id,
            RepositoryId = next.Repository,
            Number = number,
        };
        return new VersionBuilder(services, session, row, repositoryType);
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

/// <summary>A version that is about to be begun.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Repository">Its repository.</param>
/// <param name="Statement">Begins it, and answers its number; no row where there is no such repository.</param>
internal sealed record NextVersion(Guid Id, Guid Repository, SqlText Statement);
