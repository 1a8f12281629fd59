namespace Pulp.Core.Repositories;

/// <summary>Makes a version visible.</summary>
internal sealed class VersionEnd(VersionServices services, VersionRow version, RepositoryKeyRule keys)
{
    /// <summary>Completes it together with what belongs to it; answers null when nothing changed, and then nothing is left of it.</summary>
    public async Task<VersionRow?> CompleteAsync(
        SqlSession tx,
        VersionCheck check,
        Func<IDb, Task>? alongside,
        bool retain,
        CancellationToken cancellationToken
    )
    {
        if (!check.HasChanges)
        {
            await VersionDeletion.RemoveUnfinishedAsync(tx, version, cancellationToken);
            return null;
        }

        keys.RefuseDuplicates(check.Duplicates);
        var keep = retain ? check.Retained : null;
        SqlText[] completing = [VersionSummaries.Derive(version), .. Completed()];
        if (alongside is null && keep is null)
        {
            await tx.AtCommitAsync(completing, cancellationToken);
        }
        else
        {
            await tx.BatchAsync(completing, cancellationToken);
            await (alongside?.Invoke(tx) ?? Task.CompletedTask);
            await services.Retention.ApplyAsync(tx, version.RepositoryId, keep, cancellationToken);
        }

        await services.Stamp.ChangedAsync(tx, version.RepositoryId, cancellationToken);
        return version with { Complete = true };
    }

    private IEnumerable<SqlText> Completed()
    {
        yield return $"""
            update core_repositoryversion set complete = {true}, task_id = null, pulp_last_updated = {services.Clock.GetUtcNow()}
             where pulp_id = {version.PulpId}
            """;
        yield return $"update core_repository set next_version = {version.Number + 1} where pulp_id = {version.RepositoryId}";
    }
}
