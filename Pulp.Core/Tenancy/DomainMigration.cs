using Pulp.Core.Platform.Changes;
using Pulp.Core.Platform.Storage;
using Pulp.Core.Tasks;
using Pulp.PluginSdk.Tasks;

namespace Pulp.Core.Tenancy;

/// <summary>Where a domain's files are to lie from now on.</summary>
internal sealed record DomainMigrationArgs(string StorageClass, string StorageSettings);

/// <summary>
/// Copies a domain's files into another storage, then switches. The old files stay; they are served until the switch, and those
/// that come meanwhile are copied before it.
/// </summary>
[PulpTask("pulpcore.app.tasks.migrate.migrate_backend")]
internal sealed class DomainMigration(
    Database database,
    DomainDirectory domains,
    FileStorage storage,
    ArtifactFiles files,
    StorageBackends backends,
    ServingChanges stamp,
    TimeProvider clock
) : PulpTask<DomainMigrationArgs>
{
    private const long BatchSize = 500;

    /// <summary>The clocks of processes hardly differ by more.</summary>
    private static readonly TimeSpan ClocksDiffer = TimeSpan.FromMinutes(10);

    public override async Task<object?> RunAsync(
        DomainMigrationArgs args,
        ITaskContext task,
        CancellationToken cancellationToken
    )
    {
        var domain = TaskContext.Of(task).Domain;
        var target = backends.Open(args.StorageClass, args.StorageSettings);
        await domains.LoadAsync(cancellationToken);
        var total = await database.FirstOrDefaultAsync<long>(
            $"select count(*) from core_artifact where pulp_domain_id = {domain.Id}",
            cancellationToken
        );
        await using var progress = task.Progress("Migrating Artifacts", "migrate", total);
        var begun = clock.GetUtcNow();
        await CopyAsync(domain.Id, target, $"1 = 1", progress, cancellationToken);

        // Nobody adds files from here to the switch; those that came while the others were copied are few.
        await using var alone = await storage.LockForRemovingAsync(cancellationToken);
        await CopyAsync(domain.Id, target, $"pulp_created >= {begun - ClocksDiffer}", null, cancellationToken);
        progress.Complete();
        await using var switching = task.Progress(
            $"Update Domain({domain.Name})'s Backend Settings",
            "update",
            total: 1
        );
        await database.InTransactionAsync(
            async tx =>
            {
                await tx.ExecuteAsync(
                    $"""
                    update core_domain
                       set storage_class = {args.StorageClass}, storage_settings = {new JsonText(args.StorageSettings)},
                           pulp_last_updated = {clock.GetUtcNow()}
                     where pulp_id = {domain.Id}
                    """,
                    cancellationToken
                );
                await stamp.FilesChangedAsync(tx, cancellationToken);
                await domains.ChangedAsync(tx, cancellationToken);
            },
            cancellationToken
        );
        await domains.LoadAsync(CancellationToken.None);
        switching.Increment();
        switching.Complete();
        return null;
    }

    private async Task CopyAsync(
        Guid domain,
        IStorageBackend? target,
        SqlText which,
        IProgressReport? progress,
        CancellationToken cancellationToken
    )
    {
        var last = Guid.Empty;
        IReadOnlyList<ArtifactRow> page;
        do
        {
            page = await database.QueryAsync<ArtifactRow>(
                $"""
                select pulp_id, file, size, sha256 from core_artifact
                 where pulp_domain_id = {domain} and {which} and pulp_id > {last} order by pulp_id limit {BatchSize}
                """,
                cancellationToken
            );
            foreach (var artifact in page)
            {
                await CopyAsync(artifact, target, cancellationToken);
                last = artifact.PulpId;
                progress?.Increment();
            }
        } while (page.Count == BatchSize);
    }

    private async Task CopyAsync(ArtifactRow artifact, IStorageBackend? target, CancellationToken cancellationToken)
    {
        try
        {
            await files.CopyAsync(artifact.File, artifact.Size, target, cancellationToken);
        }
        catch (FileNotFoundException)
        {
            throw new ConflictException(
                $"Found missing file for artifact(sha256={artifact.Sha256}). "
                    + "Please run the repair task or delete the offending artifact."
            );
        }
    }

    private sealed record ArtifactRow
    {
        public Guid PulpId { get; init; }

        public string File { get; init; } = "";

        public long Size { get; init; }

        public string Sha256 { get; init; } = "";
    }
}
