using System.Security.Cryptography;
using Pulp.Core.Platform.Changes;
using Pulp.Core.Platform.Downloads;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Platform.Storage;
using Pulp.Core.Serving;
using Pulp.PluginSdk.Tasks;

namespace Pulp.Core.Repair;

/// <summary>Finds files that are missing or changed, and replaces them from where they came from.</summary>
internal sealed partial class ArtifactRepair(
    Database database,
    ResourceStore store,
    ArtifactFiles files,
    Downloaders downloaders,
    ServingChanges stamp,
    ILogger<ArtifactRepair> logger
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
                $"select pulp_id, pulp_domain_id, file, size, sha256 from core_artifact where {scope} and pulp_id > {last} order by pulp_id limit {(long)PageSize}",
                cancellationToken
            );
            foreach (var artifact in page)
            {
                var broken = true;
                if (await files.SizeAsync(artifact.File, cancellationToken) is null)
                {
                    LogMissing(artifact.File, artifact.PulpId);
                    missing.Increment();
                }
                else if (verify && !await IsIntactAsync(artifact, cancellationToken))
                {
                    LogDamaged(artifact.File, artifact.PulpId);
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
        try
        {
            await using var stream = files.OpenRead(artifact.File);
            return await files.SizeAsync(artifact.File, cancellationToken) == artifact.Size
                && Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken)) == artifact.Sha256;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            LogUnreadable(artifact.File, artifact.PulpId, error.Message);
            return false;
        }
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
                await files.KeepAsync(artifact.PulpDomainId, file, flush: true, cancellationToken);
                return true;
            }
            catch (Exception error) when (error is UpstreamException or DigestException)
            {
                // The next place may still have it; the counts say how many stay broken.
                LogNotFetched(artifact.File, artifact.PulpId, error.Message);
            }
            catch (Exception error)
                when (error is IOException or UnauthorizedAccessException
                    && DiskException.From(error) is not { Status: 507 }
                )
            {
                // Something stands in its place. Where the disk is full, going on would only fail for each of the others.
                LogNotReplaced(artifact.File, artifact.PulpId, error.Message);
                return false;
            }
        }

        return false;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The file {File} of artifact {Artifact} is missing")]
    private partial void LogMissing(string file, Guid artifact);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The file {File} of artifact {Artifact} is damaged")]
    private partial void LogDamaged(string file, Guid artifact);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The file {File} of artifact {Artifact} can't be read: {Reason}"
    )]
    private partial void LogUnreadable(string file, Guid artifact, string reason);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The file {File} of artifact {Artifact} can't be fetched: {Reason}"
    )]
    private partial void LogNotFetched(string file, Guid artifact, string reason);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The file {File} of artifact {Artifact} can't be put in its place: {Reason}"
    )]
    private partial void LogNotReplaced(string file, Guid artifact, string reason);

    private sealed record ArtifactRow
    {
        public Guid PulpId { get; init; }

        public Guid PulpDomainId { get; init; }

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
