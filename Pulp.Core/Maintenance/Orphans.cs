using Pulp.Core.Platform.Settings;
using Pulp.Core.Platform.Storage;
using Pulp.PluginSdk.Tasks;

namespace Pulp.Core.Maintenance;

/// <summary>What to clean: these units, or all; protected for so many minutes.</summary>
internal sealed record OrphanArgs(IReadOnlyList<Guid>? Content, long? ProtectionMinutes);

/// <summary>Removes content that no repository holds, and files that nothing refers to.</summary>
[PulpTask("pulpcore.app.tasks.orphan.orphan_cleanup")]
internal sealed class OrphanCleanup(Database database, FileStorage storage, PulpSettings settings, TimeProvider clock)
    : PulpTask<OrphanArgs>
{
    private const long BatchSize = 1000;

    /// <summary>From what a request has stored, or looked at, until its task is stored.</summary>
    private static readonly TimeSpan LongestRequest = TimeSpan.FromMinutes(1);

    public override async Task<object?> RunAsync(
        OrphanArgs args,
        ITaskContext task,
        CancellationToken cancellationToken
    )
    {
        var before = await BeforeAsync(
            clock.GetUtcNow().AddMinutes(-(args.ProtectionMinutes ?? settings.OrphanProtectionTime)),
            cancellationToken
        );
        await using (var progress = task.Progress("Clean up orphan Content", "clean-up.content"))
        {
            await CleanContentAsync(args, before, progress, cancellationToken);
            progress.Complete();
        }

        await using (var progress = task.Progress("Clean up orphan Artifacts", "clean-up.artifacts"))
        {
            await CleanArtifactsAsync(before, progress, cancellationToken);
            progress.Complete();
        }

        storage.RemoveAbandoned(clock.GetUtcNow().AddDays(-1));
        return null;
    }

    /// <summary>
    /// What has become of interest since the oldest running task began may be what that task is about to use, and what did shortly
    /// before a waiting one was stored may be what its request has sent.
    /// </summary>
    private async Task<DateTimeOffset> BeforeAsync(DateTimeOffset wanted, CancellationToken cancellationToken)
    {
        var running = await database.FirstOrDefaultAsync<DateTimeOffset?>(
            $"select started_at from core_task where state in ('running', 'canceling') order by started_at limit 1",
            cancellationToken
        );
        var waiting = await database.FirstOrDefaultAsync<DateTimeOffset?>(
            $"select pulp_created from core_task where state = 'waiting' order by pulp_created limit 1",
            cancellationToken
        );
        return new[] { wanted, running ?? wanted, waiting - LongestRequest ?? wanted }.Min();
    }

    private async Task CleanContentAsync(
        OrphanArgs args,
        DateTimeOffset before,
        IProgressReport progress,
        CancellationToken cancellationToken
    )
    {
        var only = args.Content is { } content ? (SqlText)$"pulp_id in {content} and " : new SqlText();
        SqlText orphaned = $"""
            {only} timestamp_of_interest <= {before}
            and not exists (select 1 from core_repositorycontent rc where rc.content_id = core_content.pulp_id)
            """;

        // From one end to the other, so that what stays is looked at once, not once for each batch.
        var last = Guid.Empty;
        IReadOnlyList<Guid> batch;
        do
        {
            batch = await database.QueryAsync<Guid>(
                $"""
                select pulp_id from core_content
                 where {orphaned} and pulp_id > {last} order by pulp_id limit {BatchSize}
                """,
                cancellationToken
            );
            if (batch.Count > 0)
            {
                last = batch[^1];
                var removed = await RemoveAsync("core_content", batch, orphaned, $"pulp_id", cancellationToken);
                progress.Increment(removed.Count);
            }
        } while (batch.Count == BatchSize);
    }

    /// <summary>
    /// Removes those of the rows that still are orphans. PostgreSQL locks them first: whoever is adding one has done so when that
    /// returns, and the statement behind it sees it; whoever comes later finds the row gone.
    /// </summary>
    private async Task<IReadOnlyList<object?[]>> RemoveAsync(
        string table,
        IReadOnlyList<Guid> batch,
        SqlText orphaned,
        SqlText answer,
        CancellationToken cancellationToken
    )
    {
        var rows = SqlText.Raw(table);
        return await database.InRepeatedTransactionAsync(
            async tx =>
                (
                    await ((SqlSession)tx).BatchAsync(
                        [
                            $"select pulp_id from {rows} where pulp_id in {batch} order by pulp_id {Sql.For("for update", "")}",
                            $"delete from {rows} where pulp_id in {batch} and {orphaned} returning {answer}",
                        ],
                        cancellationToken
                    )
                )[^1],
            cancellationToken
        );
    }

    private async Task CleanArtifactsAsync(
        DateTimeOffset before,
        IProgressReport progress,
        CancellationToken cancellationToken
    )
    {
        SqlText orphaned = $"""
            timestamp_of_interest <= {before}
            and not exists (select 1 from core_contentartifact f where f.artifact_id = core_artifact.pulp_id)
            and not exists (select 1 from core_publishedmetadata p where p.artifact_id = core_artifact.pulp_id)
            """;
        var last = Guid.Empty;
        IReadOnlyList<Guid> batch;
        do
        {
            batch = await database.QueryAsync<Guid>(
                $"""
                select pulp_id from core_artifact
                 where {orphaned} and pulp_id > {last} order by pulp_id limit {BatchSize}
                """,
                cancellationToken
            );
            if (batch.Count == 0)
            {
                return;
            }

            last = batch[^1];

            // Nobody adds artifacts while a batch goes: a file that is added again meanwhile would be lost.
            await using var alone = await storage.ExcludeAsync(cancellationToken);
            var files = await RemoveAsync("core_artifact", batch, orphaned, $"file", cancellationToken);

            // Their rows are gone, so the files go too, whoever wants this to stop; but only when no power failure brings the rows back.
            await database.MakeDurableAsync(CancellationToken.None);
            foreach (var file in files)
            {
                storage.Delete((string)file[0]!);
            }

            progress.Increment(files.Count);
        } while (batch.Count == BatchSize);
    }
}
