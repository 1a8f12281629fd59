namespace Pulp.Core.Repositories;

/// <summary>A version that begins.</summary>
/// <param name="At">When it begins.</param>
/// <param name="Repository">Its repository, which nobody else changes meanwhile.</param>
/// <param name="BaseVersion">The version that it begins from, where that isn't the latest.</param>
internal sealed record NewVersion(DateTimeOffset At, Guid Repository, Guid? BaseVersion)
{
    public Guid Id { get; } = Ids.New(At);

    /// <summary>Answers the number that the next one of a repository gets; no row where there is no such repository.</summary>
    public static SqlText NumberIn(Guid repository) =>
        $"select next_version from core_repository where pulp_id = {repository}";

    /// <summary>Stores it before it is complete, for the task that makes it in several transactions, and answers its number.</summary>
    public SqlText Store(Guid? task) =>
        $"""
            insert into core_repositoryversion (pulp_id, pulp_created, pulp_last_updated, repository_id, number, complete,
                                                base_version_id, task_id)
            select {Id}, {At}, {At}, pulp_id, next_version, {false}, {BaseVersion}, {task}
              from core_repository where pulp_id = {Repository}
            returning number
            """;

    /// <summary>Stores it when it is complete.</summary>
    public SqlText StoreComplete(long number, DateTimeOffset now) =>
        $"""
            insert into core_repositoryversion (pulp_id, pulp_created, pulp_last_updated, repository_id, number, complete, base_version_id)
            values ({Id}, {At}, {now}, {Repository}, {number}, {true}, {BaseVersion})
            """;
}
