using System.Collections.Concurrent;
using Pulp.Core.Artifacts;
using Pulp.Core.Platform.Downloads;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Platform.Settings;
using Pulp.Core.Platform.Storage;

namespace Pulp.Core.Serving;

/// <summary>
/// Fetches files that a sync left upstream, when somebody asks for them. Requests for the same file share one download; a source
/// that failed is left alone for a while and the next is tried; nothing is kept that isn't what was promised.
/// </summary>
internal sealed partial class OnDemandFiles(
    Database database,
    ResourceStore store,
    ArtifactStore artifacts,
    Downloaders downloaders,
    FileStorage storage,
    PulpSettings settings,
    TimeProvider clock,
    ILogger<OnDemandFiles> logger
)
{
    private readonly ConcurrentDictionary<Guid, Lazy<SharedDownload>> _downloads = [];

    /// <summary>The download of the file, joined: the caller leaves it when it has read.</summary>
    public SharedDownload Join(Guid file)
    {
        while (true)
        {
            var download = _downloads.GetOrAdd(file, id => new Lazy<SharedDownload>(() => Start(id))).Value;
            if (download.TryJoin())
            {
                return download;
            }
        }
    }

    private SharedDownload Start(Guid file)
    {
        var download = new SharedDownload(storage.Begin(onDisk: true));
        download.Run = Task.Run(async () =>
        {
            try
            {
                await FetchAsync(file, download);
            }
            catch (Exception error)
            {
                LogFailed(file, error);
                download.Fail(new UpstreamException("The file could not be fetched.", error));
            }
            finally
            {
                _downloads.TryRemove(file, out _);
                await download.File.DisposeAsync();
            }
        });
        return download;
    }

    private async Task FetchAsync(Guid file, SharedDownload download)
    {
        var sources = await SourcesAsync(file);
        var reasons = new List<string>();
        foreach (var source in sources)
        {
            if (
                await store.FindByMasterAsync(database, typeof(Remote), source.RemoteId, CancellationToken.None)
                is not Remote remote
            )
            {
                continue;
            }

            try
            {
                using var downloader = downloaders.For(remote);
                await RelayAsync(downloader, source, download);
                await KeepAsync(file, remote, download);
                return;
            }
            catch (Exception error) when (error is UpstreamException or DigestException or TransientDownloadException)
            {
                LogSourceFailed(Downloader.SafeUrl(source.Url), error.Message);
                reasons.Add(error.Message);
                await database.ExecuteAsync(
                    $"update core_remoteartifact set failed_at = {clock.GetUtcNow()} where pulp_id = {source.PulpId}",
                    CancellationToken.None
                );
                if (!await download.TryRestartAsync(storage))
                {
                    // Clients have bytes of it already: they must not get others behind them.
                    break;
                }
            }
        }

        download.Fail(
            new UpstreamException(
                reasons.Count == 0 ? "No source is available at the moment." : string.Join(" ", reasons)
            )
        );
    }

    private async Task RelayAsync(Downloader downloader, SourceRow source, SharedDownload download)
    {
        var expected = Expectation.Of(
            source.Size,
            ("md5", source.Md5),
            ("sha1", source.Sha1),
            ("sha224", source.Sha224),
            ("sha256", source.Sha256),
            ("sha384", source.Sha384),
            ("sha512", source.Sha512)
        );
        await using var body = await downloader.OpenAsync(source.Url, CancellationToken.None);
        if (expected.Size is { } promised && body.Length is { } announced && announced != promised)
        {
            throw new DigestException(
                $"{Downloader.SafeUrl(source.Url)} announces {announced} bytes instead of {promised}."
            );
        }

        download.Begin(expected.Size ?? body.Length);
        var buffer = new byte[64 * 1024];
        int read;
        while ((read = await body.ReadAsync(source.Url, buffer, download.Abandoned)) > 0)
        {
            if (download.Received + read > expected.Size)
            {
                throw new DigestException(
                    $"{Downloader.SafeUrl(source.Url)} sends more than the {expected.Size} bytes that were promised."
                );
            }

            await download.AppendAsync(buffer.AsMemory(0, read));
        }

        if (body.Length is { } length && download.Received < length)
        {
            throw new UpstreamException(
                $"{Downloader.SafeUrl(source.Url)} broke off after {download.Received} of {length} bytes."
            );
        }

        await download.File.FinishAsync(CancellationToken.None);
        expected.Verify(Downloader.SafeUrl(source.Url), download.Received, download.File.Digests);
    }

    private async Task KeepAsync(Guid file, Remote remote, SharedDownload download)
    {
        if (remote.Policy == DownloadPolicies.Streamed)
        {
            download.Complete(keptAt: null);
            return;
        }

        var artifact = await artifacts.SaveAsync(download.File, CancellationToken.None);
        await database.ExecuteAsync(
            $"update core_contentartifact set artifact_id = {artifact.PulpId} where pulp_id = {file} and artifact_id is null",
            CancellationToken.None
        );
        download.Complete(storage.Absolute(artifact.File));
    }

    private Task<IReadOnlyList<SourceRow>> SourcesAsync(Guid file)
    {
        var cooled = clock.GetUtcNow().AddSeconds(-settings.RemoteContentFetchFailureCooldown);
        return database.QueryAsync<SourceRow>(
            $"""
            select ra.pulp_id, ra.remote_id, ra.url, ra.size, ra.md5, ra.sha1, ra.sha224, ra.sha256, ra.sha384, ra.sha512
              from core_remoteartifact ra
             where ra.content_artifact_id = {file} and (ra.failed_at is null or ra.failed_at < {cooled})
             order by case when exists (select 1 from core_alternatecontentsource s where s.remote_id = ra.remote_id) then 0 else 1 end,
                      ra.pulp_id
            """,
            CancellationToken.None
        );
    }

    private sealed record SourceRow
    {
        public Guid PulpId { get; init; }

        public Guid RemoteId { get; init; }

        public string Url { get; init; } = "";

        public long? Size { get; init; }

        public string? Md5 { get; init; }

        public string? Sha1 { get; init; }

        public string? Sha224 { get; init; }

        public string? Sha256 { get; init; }

        public string? Sha384 { get; init; }

        public string? Sha512 { get; init; }
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The source {Url} of an on-demand file failed and is left alone for a while: {Reason}"
    )]
    private partial void LogSourceFailed(string url, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "The on-demand file {File} could not be fetched")]
    private partial void LogFailed(Guid file, Exception error);
}
