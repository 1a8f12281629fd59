namespace Pulp.Core.Repositories;

/// <summary>What is to be known of a version before it is completed, asked in one round trip.</summary>
/// <param name="HasChanges">Whether it differs from its base.</param>
/// <param name="Duplicates">What the rule of repository keys asks for, for it to judge.</param>
/// <param name="Retained">How many versions the repository keeps; null for all.</param>
/// <param name="Missing">Units that it lacks.</param>
internal sealed record VersionCheck(
    bool HasChanges,
    IReadOnlyList<IReadOnlyList<object?[]>> Duplicates,
    long? Retained,
    IReadOnlyList<Guid> Missing
)
{
    /// <param name="session">The transaction that completes it, or ends with it.</param>
    /// <param name="version">The version.</param>
    /// <param name="keys">Its rule of repository keys.</param>
    /// <param name="before">What changes it before; null for nothing.</param>
    /// <param name="missing">Statements that answer units that it lacks.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task<VersionCheck> RunAsync(
        SqlSession session,
        VersionRow version,
        RepositoryKeyRule keys,
        VersionStep? before,
        IReadOnlyList<SqlText> missing,
        CancellationToken cancellationToken
    )
    {
        SqlText[] duplicates = [.. keys.FindDuplicates()];
        SqlText state = $"""
            select retain_repo_versions, case when {Differs(version)} then 1 else 0 end
              from core_repository where pulp_id = {version.RepositoryId}
            """;
        var answers = await session.BatchAsync(
            [.. before?.Statements ?? [], state, .. duplicates, .. missing],
            cancellationToken
        );
        var ofStep = before?.Answers ?? 0;
        before?.Read([.. answers.Take(ofStep)]);
        IReadOnlyList<object?[]>[] found = [.. answers.Skip(ofStep)];
        return new VersionCheck(
            found[0] is [[_, not 0 and not 0L]],
            [.. found.Skip(1).Take(duplicates.Length)],
            found[0] is [[long keep, _]] ? keep : null,
            [.. found.Skip(1 + duplicates.Length).SelectMany(rows => rows).Select(row => SqlSession.Id(row[0]))]
        );
    }

    /// <summary>The condition that the version differs from its base so far.</summary>
    public static SqlText Differs(VersionRow version) =>
        $"""
            (exists (select 1 from core_repositorycontent
                      where repository_id = {version.RepositoryId} and version_added = {version.Number})
             or exists (select 1 from core_repositorycontent
                         where repository_id = {version.RepositoryId} and version_removed = {version.Number}))
            """;
}
