namespace Pulp.Core.Repositories;

/// <summary>Makes a version visible.</summary>
/// <param name="services">What it takes.</param>
/// <param name="version">The version.</param>
/// <param name="unstored">How it began, where it isn't stored before it is complete; null where its row is there.</param>
internal sealed class VersionEnd(VersionServices services, VersionRow version, NewVersion? unstored)
{
    /// <summary>Completes it together with what belongs to it; answers null when nothing changed, and then nothing is left of it.</summary>
    public async Task<VersionRow?> CompleteAsync(
        SqlSession tx,
        VersionCheck check,
        RepositoryKeyRule keys,
        Func<IDb, Task>? alongside,
        bool retain,
        CancellationToken cancellationToken
    )
    {
        if (!check.HasChanges)
        {
            if (unstored is null)
            {
                await VersionDeletion.RemoveUnfinishedAsync(tx, version, cancellationToken);
            }

            return null;
        }

        keys.RefuseDuplicates(check.Duplicates);
        var keep = retain ? check.Retained : null;
        SqlText[] completing = [Complete(), VersionSummaries.Derive(version), Counted];
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

    private SqlText Complete()
    {
        var now = services.Clock.GetUtcNow();
        return unstored?.StoreComplete(version.Number, now)
            ?? $"""
                update core_repositoryversion set complete = {true}, task_id = null, pulp_last_updated = {now}
                 where pulp_id = {version.PulpId}
                """;
    }

    private SqlText Counted =>
        $"update core_repository set next_version = {version.Number + 1} where pulp_id = {version.RepositoryId}";
}
