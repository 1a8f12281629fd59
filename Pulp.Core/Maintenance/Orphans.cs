using Pulp.Core.Platform.Storage;
using Pulp.Core.Units;
using Pulp.PluginSdk.Tasks;

namespace Pulp.Core.Maintenance;

/// <summary>A domain's content that no repository holds, and its files that nothing refers to.</summary>
internal sealed partial class Orphans(
    Database database,
    FileStorage storage,
    ArtifactFiles files,
    UnitReferences references,
    ILogger<Orphans> logger
)
{
    private const long BatchSize = 1000;

    /// <summary>Removes them.</summary>
    /// <param name="domain">Whose they are.</param>
    /// <param name="content">Units to look at; null for all.</param>
    /// <param name="orphanedBefore">Since when they have to be of no interest.</param>
    /// <param name="task">Tells of it.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task RemoveAsync(
        Guid domain,
        IReadOnlyList<Guid>? content,
        Func<Task<DateTimeOffset>> orphanedBefore,
        ITaskContext task,
        CancellationToken cancellationToken
    )
    {
        var before = await orphanedBefore();
        await using (var progress = task.Progress("Clean up orphan Content", "clean-up.content"))
        {
            // What a removed unit referred to has become an orphan by that.
            while (
                await CleanContentAsync(domain, content, before, progress, cancellationToken) > 0
                && references.All.Any()
            ) { }

            progress.Complete();
        }

        await using (var progress = task.Progress("Clean up orphan Artifacts", "clean-up.artifacts"))
        {
            await CleanArtifactsAsync(domain, orphanedBefore, before, progress, cancellationToken);
            progress.Complete();
        }
    }

    /// <summary>One look at all units; answers how many it removed.</summary>
    private async Task<long> CleanContentAsync(
        Guid domain,
        IReadOnlyList<Guid>? content,
        DateTimeOffset before,
        IProgressReport progress,
        CancellationToken cancellationToken
    )
    {
        var only = content is not null ? (SqlText)$"pulp_id in {content} and " : $"";
        SqlText orphaned = $"""
            {only} pulp_domain_id = {domain} and timestamp_of_interest <= {before}
            and not exists (select 1 from core_repositorycontent rc where rc.content_id = core_content.pulp_id)
            and {references.NoneTo($"core_content.pulp_id")}
            """;
        long all = 0;

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
                all += removed.Count;
            }
        } while (batch.Count == BatchSize);

        return all;
    }

    /// <summary>
    /// Removes those of the rows that still are orphans. What a plugin's own table refers to stays, and doesn't keep the others: it
    /// is found by halves.
    /// </summary>
    private async Task<IReadOnlyList<object?[]>> RemoveAsync(
        string table,
        IReadOnlyList<Guid> batch,
        SqlText orphaned,
        SqlText answer,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await RemoveAllAsync(table, batch, orphaned, answer, cancellationToken);
        }
        catch (Exception error) when (database.Dialect.IsForeignKeyViolation(error))
        {
            if (batch.Count == 1)
            {
                LogReferred(table, batch[0], error.Message);
                return [];
            }
        }

        Guid[] rows = [.. batch];
        var half = rows.Length / 2;
        return
        [
            .. await RemoveAsync(table, rows[..half], orphaned, answer, cancellationToken),
            .. await RemoveAsync(table, rows[half..], orphaned, answer, cancellationToken),
        ];
    }

    /// <summary>
    /// The same for all of them or none. PostgreSQL locks them first: whoever is adding one has done so when that
    /// returns, and the statement behind it sees it; whoever comes later finds the row gone.
    /// </summary>
    private async Task<IReadOnlyList<object?[]>> RemoveAllAsync(
        string table,
        IReadOnlyList<Guid> batch,
        SqlText orphaned,
        SqlText answer,
        CancellationToken cancellationToken
    )
    {
        var rows = Sql.Name(table);
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
        Guid domain,
        Func<Task<DateTimeOffset>> orphanedBefore,
        DateTimeOffset before,
        IProgressReport progress,
        CancellationToken cancellationToken
    )
    {
        SqlText OrphanedSince(DateTimeOffset moment) =>
            $"""
                pulp_domain_id = {domain} and timestamp_of_interest <= {moment}
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
                 where {OrphanedSince(before)} and pulp_id > {last} order by pulp_id limit {BatchSize}
                """,
                cancellationToken
            );
            if (batch.Count == 0)
            {
                return;
            }

            last = batch[^1];

            // Nobody adds artifacts while a batch goes: a file that is added again meanwhile would be lost.
            await using var alone = await storage.LockForRemovingAsync(cancellationToken);

            // A request holds the artifacts from keeping its file until its task is stored: what it kept is known by that task now.
            before = await orphanedBefore();
            var removed = await RemoveAsync("core_artifact", batch, OrphanedSince(before), $"file", cancellationToken);

            // Their rows are gone, so the files go too, whoever wants this to stop; but only when no power failure brings the rows back.
            await database.MakeDurableAsync(CancellationToken.None);
            foreach (var file in removed)
            {
                await files.DeleteAsync((string)file[0]!, CancellationToken.None);
            }

            progress.Increment(removed.Count);
        } while (batch.Count == BatchSize);
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "A row of {Table} that looks like an orphan stays, because a table that the clean-up doesn't know refers to it: {Row} ({Reason})"
    )]
    private partial void LogReferred(string table, Guid row, string reason);
}
