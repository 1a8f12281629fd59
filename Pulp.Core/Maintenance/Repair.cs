using Pulp.Core.Platform.Downloads;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Modules;
using Pulp.Core.Platform.OpenApi;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Platform.Storage;
using Pulp.Core.Repositories;
using Pulp.Core.Serving;
using Pulp.Core.Tasks;
using Pulp.PluginSdk.Tasks;

namespace Pulp.Core.Maintenance;

internal sealed record RepairArgs(Guid Version, bool VerifyChecksums);

internal sealed record RepairAllArgs(bool VerifyChecksums);

/// <summary>Checks the files of one version, and fetches anew what is broken.</summary>
[PulpTask("pulpcore.app.tasks.repository.repair_version")]
internal sealed class RepairVersion(Database database, Versions versions, ArtifactRepair repair) : PulpTask<RepairArgs>
{
    public override async Task<object?> RunAsync(
        RepairArgs args,
        ITaskContext task,
        CancellationToken cancellationToken
    )
    {
        var version =
            await versions.FindAsync(database, args.Version, cancellationToken)
            ?? throw new ConflictException("The repository version is gone.");
        await repair.RunAsync(
            $"""
            pulp_id in (select f.artifact_id from core_repositorycontent rc
                          join core_contentartifact f on f.content_id = rc.content_id
                         where rc.repository_id = {version.RepositoryId} and f.artifact_id is not null
                           and +rc.version_added <= {version.Number}
                           and (rc.version_removed is null or rc.version_removed > {version.Number}))
            """,
            args.VerifyChecksums,
            task,
            cancellationToken
        );
        return null;
    }
}

/// <summary>Checks all files, and fetches anew what is broken.</summary>
[PulpTask("pulpcore.app.tasks.repository.repair_all_artifacts")]
internal sealed class RepairAll(ArtifactRepair repair) : PulpTask<RepairAllArgs>
{
    public override async Task<object?> RunAsync(
        RepairAllArgs args,
        ITaskContext task,
        CancellationToken cancellationToken
    )
    {
        await repair.RunAsync($"1 = 1", args.VerifyChecksums, task, cancellationToken);
        return null;
    }
}

/// <summary>Finds files that are missing or changed, and replaces them from where they came from.</summary>
internal sealed class ArtifactRepair(
    Database database,
    ResourceStore store,
    FileStorage storage,
    Downloaders downloaders,
    ServingStamp stamp
)
{
    private const int PageSize = 500;

    public async Task RunAsync(SqlText scope, bool verify, ITaskContext task, CancellationToken cancellationToken)
    {
        await using var missing = task.Progress("Identify missing units", "repair.missing");
        await using var corrupted = task.Progress("Identify corrupted units", "repair.corrupted");
        await using var repaired = task.Progress("Repair corrupted units", "repair.repaired");
        var last = Guid.Empty;
        while (true)
        {
            var page = await database.QueryAsync<ArtifactRow>(
                $"select pulp_id, file, size, sha256 from core_artifact where {scope} and pulp_id > {last} order by pulp_id limit {(long)PageSize}",
                cancellationToken
            );
            foreach (var artifact in page)
            {
                var broken = true;
                if (!storage.Exists(artifact.File))
                {
                    missing.Increment();
                }
                else if (verify && !await IsIntactAsync(artifact, cancellationToken))
                {
                    corrupted.Increment();
                }
                else
                {
                    broken = false;
                }

                if (broken && await ReplaceAsync(artifact, cancellationToken))
                {
                    repaired.Increment();
                }
            }

            if (page.Count < PageSize)
            {
                break;
            }

            last = page[^1].PulpId;
        }

        await database.InTransactionAsync(tx => stamp.FilesChangedAsync(tx, cancellationToken), cancellationToken);
    }

    private async Task<bool> IsIntactAsync(ArtifactRow artifact, CancellationToken cancellationToken)
    {
        await using var stream = storage.OpenRead(artifact.File);
        if (stream.Length != artifact.Size)
        {
            return false;
        }

        var digest = await System.Security.Cryptography.SHA256.HashDataAsync(stream, cancellationToken);
        return Convert.ToHexStringLower(digest) == artifact.Sha256;
    }

    private async Task<bool> ReplaceAsync(ArtifactRow artifact, CancellationToken cancellationToken)
    {
        var places = await database.QueryAsync<PlaceRow>(
            $"""
            select ra.url, ra.remote_id from core_remoteartifact ra
              join core_contentartifact f on f.pulp_id = ra.content_artifact_id
             where f.artifact_id = {artifact.PulpId}
            """,
            cancellationToken
        );
        foreach (var place in places)
        {
            if (
                await store.FindByMasterAsync(database, typeof(Remote), Reach.Server, place.RemoteId, cancellationToken)
                is not Remote remote
            )
            {
                continue;
            }

            try
            {
                using var downloader = downloaders.For(remote);
                await using var file = await downloader.DownloadAsync(
                    place.Url,
                    Expectation.Of(artifact.Size, ("sha256", artifact.Sha256)),
                    cancellationToken
                );
                storage.Keep(file, flush: true);
                return true;
            }
            catch (Exception error) when (error is UpstreamException or DigestException)
            {
                // The next place may still have it; the counts say how many stay broken.
            }
        }

        return false;
    }

    private sealed record ArtifactRow
    {
        public Guid PulpId { get; init; }

        public string File { get; init; } = "";

        public long Size { get; init; }

        public string Sha256 { get; init; } = "";
    }

    private sealed record PlaceRow
    {
        public string Url { get; init; } = "";

        public Guid RemoteId { get; init; }
    }
}

/// <summary>Repairs everything on request.</summary>
internal sealed class RepairApi(ApiOperations operations, TaskDispatcher dispatcher) : IOperations
{
    public void Map()
    {
        operations.Schema(
            "Repair",
            Schemas.Of([
                (
                    "verify_checksums",
                    Schemas.Boolean(
                        "Will verify that the checksum of all stored files matches what saved in the database."
                    )
                ),
            ])
        );
        operations.Add(
            new Operation
            {
                Id = "repair_post",
                Method = "POST",
                Route = ResourceKind.ApiRoot + "repair/",
                Path = ResourceKind.ApiRoot + "repair/",
                Tag = "Repair",
                Summary = "Repair artifact storage",
                Access = new AccessRule.Policy("repair", "repair", Target.None, Kind: null, Permission: ""),
                Body = "Repair",
                Responses = ResourceApi.Ok(202, "AsyncOperationResponse"),
                Handler = async request =>
                {
                    await using var body = await RequestBody.ReadAsync(
                        request.Request,
                        files: null,
                        request.RequestAborted
                    );
                    var task = await dispatcher.SendAsync<RepairAll, RepairAllArgs>(
                        new RepairAllArgs(ReadVerify(body)),
                        new DispatchOptions(),
                        request.Origin,
                        request.RequestAborted
                    );
                    await request.Response.TaskAsync(task);
                },
            }
        );
    }

    public static bool ReadVerify(RequestBody body)
    {
        var errors = new ValidationErrors();
        Members.RefuseUnknown(body, ["verify_checksums"], errors);
        var verify = Members.Boolean(body, "verify_checksums", otherwise: true, errors);
        errors.ThrowIfAny();
        return verify;
    }
}
