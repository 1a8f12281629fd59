using Pulp.Core.Artifacts;
using Pulp.Core.Platform.Downloads;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Platform.Settings;
using Pulp.Core.Platform.Storage;

namespace Pulp.Core.Serving;

/// <summary>
/// Fetches files that a sync left upstream, or that were lost here, when somebody asks for them. Requests for the same file share
/// one download; a source that fails is followed by the next; nothing is kept that isn't what was promised.
/// </summary>
internal sealed partial class OnDemandFiles(
    SharedDownloads downloads,
    Database database,
    ResourceStore store,
    ArtifactStore artifacts,
    SharedDownloaders downloaders,
    RefusedSources refused,
    PulpSettings settings,
    TimeProvider clock,
    ILogger<OnDemandFiles> logger
)
{
    /// <summary>The download of the file, joined: the caller leaves it when it has read.</summary>
    /// <param name="file">The unit's file.</param>
    /// <param name="isLost">What is stored of it here is gone or damaged.</param>
    public SharedDownload Join(Guid file, bool isLost) =>
        downloads.Join(new DownloadKey(file, "", IsLost: isLost), download => FetchAsync(file, isLost, download));

    private async Task FetchAsync(Guid file, bool isLost, SharedDownload download)
    {
        var sources = await SourcesAsync(file);
        if (!isLost && await FindStoredAsync(sources) is { } stored)
        {
            download.CompleteAsStored(stored);
            return;
        }

        var failures = new List<SourceFailure>();
        foreach (var source in sources)
        {
            if (Earlier(source) is { } earlier)
            {
                failures.Add(earlier);
                continue;
            }

            if (
                await store.FindByMasterAsync(
                    database,
                    typeof(Remote),
                    Reach.Server,
                    source.RemoteId,
                    CancellationToken.None
                )
                is not Remote remote
            )
            {
                continue;
            }

            try
            {
                using var loan = downloaders.Take(remote);
                await loan.Downloader.DownloadAsync(source.Url, source.Expected, download, CancellationToken.None);
                download.Complete(await KeepAsync(file, remote, source, download.File));
                return;
            }
            catch (Exception error) when (error is UpstreamException or DigestException)
            {
                failures.Add(await NoteAsync(source, error));
                if (download.IsHandedOut)
                {
                    break;
                }
            }
        }

        throw new NoSourceException(failures);
    }

    /// <summary>What is stored: another download may have ended between the client's look and its joining.</summary>
    private async Task<Artifact?> FindStoredAsync(IReadOnlyList<SourceRow> sources) =>
        sources is [{ KeptSha256: { } sha256, PulpDomainId: var domain }, ..]
            ? (await artifacts.FindAndTouchAsync(domain, [sha256], CancellationToken.None)).GetValueOrDefault(sha256)
            : null;

    /// <summary>A failure of the source that is too fresh for asking it again.</summary>
    private SourceFailure? Earlier(SourceRow source)
    {
        if (
            source.FailedAt?.AddSeconds(settings.RemoteContentFetchFailureCooldown) - clock.GetUtcNow() is
            { Ticks: > 0 } left
        )
        {
            return new SourceFailure(502, $"{UpstreamAddress.Shown(source.Url)} sent a wrong file lately.", left);
        }

        return refused.Find(source.PulpId, source.Url);
    }

    /// <summary>
    /// Notes a failure for as long as asking again is of no use: a wrong file is the source's until somebody mends it, and what
    /// isn't there hardly comes within seconds. Anything else may pass at any moment.
    /// </summary>
    private async Task<SourceFailure> NoteAsync(SourceRow source, Exception error)
    {
        LogSourceFailed(UpstreamAddress.Shown(source.Url), error.Message);
        var failure = SourceFailure.Of(error);
        if (failure.Status == 404)
        {
            refused.Remember(source.PulpId, source.Url, failure);
        }
        else if (error is DigestException)
        {
            await database.ExecuteAsync(
                $"update core_remoteartifact set failed_at = {clock.GetUtcNow()} where pulp_id = {source.PulpId}",
                CancellationToken.None
            );
        }

        return failure;
    }

    /// <summary>Keeps the file as an artifact, where that is wanted. The clients have their bytes whether or not it can be kept.</summary>
    private async Task<Artifact?> KeepAsync(Guid file, Remote remote, SourceRow source, TemporaryFile fetched)
    {
        try
        {
            if (source.KeptSha256 is not null)
            {
                return await artifacts.RestoreAsync(source.PulpDomainId, fetched, CancellationToken.None);
            }

            if (remote.Policy == DownloadPolicies.Streamed)
            {
                return null;
            }

            // No clean-up comes between keeping it and saying whose it is.
            await using var held = await artifacts.HoldAsync(CancellationToken.None);
            var artifact = await artifacts.SaveAsync(source.PulpDomainId, fetched, CancellationToken.None);
            await database.ExecuteAsync(
                $"update core_contentartifact set artifact_id = {artifact.PulpId} where pulp_id = {file} and artifact_id is null",
                CancellationToken.None
            );
            return artifact;
        }
        catch (Exception error)
        {
            LogNotKept(UpstreamAddress.Shown(source.Url), error.Message);
            return null;
        }
    }

    private Task<IReadOnlyList<SourceRow>> SourcesAsync(Guid file) =>
        database.QueryAsync<SourceRow>(
            $"""
            select ra.pulp_id, ra.remote_id, ra.url, ra.size, ra.md5, ra.sha1, ra.sha224, ra.sha256, ra.sha384, ra.sha512,
                   ra.failed_at, c.pulp_domain_id, a.sha256 as kept_sha256, a.size as kept_size
              from core_remoteartifact ra
              join core_contentartifact f on f.pulp_id = ra.content_artifact_id
              join core_content c on c.pulp_id = f.content_id
              left join core_artifact a on a.pulp_id = f.artifact_id
             where ra.content_artifact_id = {file}
             order by case when exists (select 1 from core_alternatecontentsource s where s.remote_id = ra.remote_id) then 0 else 1 end,
                      ra.pulp_id
            """,
            CancellationToken.None
        );

    private sealed record SourceRow
    {
        public Guid PulpId { get; init; }

        public Guid RemoteId { get; init; }

        public Guid PulpDomainId { get; init; }

        public string Url { get; init; } = "";

        public long? Size { get; init; }

        public string? Md5 { get; init; }

        public string? Sha1 { get; init; }

        public string? Sha224 { get; init; }

        public string? Sha256 { get; init; }

        public string? Sha384 { get; init; }

        public string? Sha512 { get; init; }

        public DateTimeOffset? FailedAt { get; init; }

        /// <summary>The artifact that is known here, when its file was lost.</summary>
        public string? KeptSha256 { get; init; }

        public long? KeptSize { get; init; }

        public Expectation Expected =>
            Expectation.Of(
                KeptSize ?? Size,
                ("md5", Md5),
                ("sha1", Sha1),
                ("sha224", Sha224),
                ("sha256", KeptSha256 ?? Sha256),
                ("sha384", Sha384),
                ("sha512", Sha512)
            );
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The source {Url} of a file that a client asks for failed: {Reason}"
    )]
    private partial void LogSourceFailed(string url, string reason);

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "What came from {Url} was sent to clients, but not kept: {Reason}"
    )]
    private partial void LogNotKept(string url, string reason);
}
