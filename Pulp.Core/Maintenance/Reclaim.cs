using Pulp.Core.Platform.Changes;
using Pulp.Core.Platform.Storage;
using Pulp.PluginSdk.Tasks;

namespace Pulp.Core.Maintenance;

internal sealed record ReclaimArgs(IReadOnlyList<Guid> Repositories, IReadOnlyList<Guid> KeepVersions);

/// <summary>Frees the files of repositories' content that can be fetched again; the content stays, served on demand.</summary>
[PulpTask("pulpcore.app.tasks.reclaim_space.reclaim_space")]
internal sealed class ReclaimSpace(
    Database database,
    FileStorage storage,
    ArtifactFiles stored,
    UnfinishedTasks unfinished,
    ServingChanges stamp
) : PulpTask<ReclaimArgs>
{
    private const long BatchSize = 500;

    public override async Task<object?> RunAsync(
        ReclaimArgs args,
        ITaskContext task,
        CancellationToken cancellationToken
    )
    {
        await using var progress = task.Progress("Reclaim disk space", "reclaim-space.artifact");
        IReadOnlyList<string> files;
        do
        {
            await using var alone = await storage.LockForRemovingAsync(cancellationToken);
            var used = await unfinished.UseSinceAsync(task.TaskId, cancellationToken) ?? DateTimeOffset.MaxValue;
            files = await database.InTransactionAsync(
                tx => ReclaimAsync(tx, args, used, cancellationToken),
                cancellationToken
            );

            // Their rows are gone, so the files go too, whoever wants this to stop; but only when no power failure brings the rows back.
            await database.MakeDurableAsync(CancellationToken.None);
            foreach (var file in files)
            {
                await stored.DeleteAsync(file, CancellationToken.None);
            }

            progress.Increment(files.Count);
        } while (files.Count > 0);

        return null;
    }

    /// <summary>
    /// Only files of which every owner can be fetched again and belongs to these repositories alone, and that no task that hasn't
    /// ended was given.
    /// </summary>
    private static Task<IReadOnlyList<Guid>> FreeableAsync(
        IDb tx,
        ReclaimArgs args,
        DateTimeOffset used,
        SqlText among,
        CancellationToken cancellationToken
    ) =>
        tx.QueryAsync<Guid>(
            $"""
            select distinct f.artifact_id
              from core_repositorycontent rc
              join core_contentartifact f on f.content_id = rc.content_id
              join core_artifact a on a.pulp_id = f.artifact_id
             where rc.repository_id in {args.Repositories} and a.timestamp_of_interest < {used} {among}
               and not exists (select 1 from core_publishedmetadata p where p.artifact_id = f.artifact_id)
               and not exists (
                   select 1 from core_contentartifact other
                    where other.artifact_id = f.artifact_id
                      and (not exists (select 1 from core_remoteartifact ra where ra.content_artifact_id = other.pulp_id)
                           or exists (select 1 from core_repositorycontent o
                                       where o.content_id = other.content_id and o.repository_id not in {args.Repositories})
                           or exists (select 1 from core_repositorycontent o
                                        join core_repositoryversion k on k.repository_id = o.repository_id
                                       where o.content_id = other.content_id and k.pulp_id in {args.KeepVersions}
                                         and +o.version_added <= k.number
                                         and (o.version_removed is null or o.version_removed > k.number))))
             limit {BatchSize}
            """,
            cancellationToken
        );

    private async Task<IReadOnlyList<string>> ReclaimAsync(
        IDb tx,
        ReclaimArgs args,
        DateTimeOffset used,
        CancellationToken cancellationToken
    )
    {
        var candidates = await FreeableAsync(tx, args, used, $"", cancellationToken);
        if (candidates.Count == 0)
        {
            return [];
        }

        // Whoever gives one of them another owner has done so when it is locked, or finds it gone.
        await tx.QueryAsync<Guid>(
            $"select pulp_id from core_artifact where pulp_id in {candidates} order by pulp_id {Sql.For("for update", "")}",
            cancellationToken
        );
        var ids = await FreeableAsync(tx, args, used, $"and f.artifact_id in {candidates}", cancellationToken);
        if (ids.Count == 0)
        {
            return [];
        }

        await tx.ExecuteAsync(
            $"update core_contentartifact set artifact_id = null where artifact_id in {ids}",
            cancellationToken
        );
        var files = await tx.ReturningAsync<string>(
            $"delete from core_artifact where pulp_id in {ids} returning file",
            cancellationToken
        );
        await stamp.FilesChangedAsync(tx, cancellationToken);
        return files;
    }
}
