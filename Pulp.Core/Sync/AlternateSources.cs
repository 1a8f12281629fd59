using Pulp.Core.Platform.Downloads;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Platform.Storage;
using Pulp.PluginSdk.Sync;

namespace Pulp.Core.Sync;

/// <summary>Files of known digest that an alternate content source has too: fetched there first, from the remote when that fails.</summary>
internal sealed partial class AlternateSources(
    Guid domain,
    Database database,
    ResourceStore store,
    Downloaders downloaders,
    ILogger<AlternateSources> logger
) : IDisposable
{
    private readonly Dictionary<DeclaredArtifact, (Guid Remote, string Url)> _places = [];
    private readonly Dictionary<Guid, Downloader> _downloaders = [];
    private readonly SemaphoreSlim _opening = new(1, 1);
    private IReadOnlyList<Guid>? _remotes;

    /// <summary>Looks where else the files are.</summary>
    public async Task FindAsync(IEnumerable<DeclaredArtifact> artifacts, CancellationToken cancellationToken)
    {
        _remotes ??= await database.QueryAsync<Guid>(
            $"""
            select distinct remote_id from core_alternatecontentsource
             where last_refreshed is not null and pulp_domain_id = {domain}
            """,
            cancellationToken
        );
        if (_remotes.Count == 0)
        {
            return;
        }

        var wanted = artifacts.ToLookup(a => a.Sha256 ?? "", StringComparer.Ordinal);
        var digests = wanted.Select(w => w.Key).ToArray();
        var rows = await database.QueryAsync<PlaceRow>(
            $"select remote_id, url, sha256 from core_remoteartifact where sha256 in {digests} and remote_id in {_remotes}",
            cancellationToken
        );
        lock (_places)
        {
            foreach (var row in rows)
            {
                foreach (var artifact in wanted[row.Sha256])
                {
                    _places[artifact] = (row.RemoteId, row.Url);
                }
            }
        }
    }

    /// <summary>The file from another place; null when there is none or it failed there.</summary>
    public async Task<TemporaryFile?> FetchAsync(
        DeclaredArtifact artifact,
        Expectation expected,
        CancellationToken cancellationToken
    )
    {
        (Guid Remote, string Url) place;
        lock (_places)
        {
            if (!_places.Remove(artifact, out place))
            {
                return null;
            }
        }

        try
        {
            var downloader = await OpenAsync(place.Remote, cancellationToken);
            return downloader is null ? null : await downloader.DownloadAsync(place.Url, expected, cancellationToken);
        }
        catch (Exception error) when (error is UpstreamException or DigestException)
        {
            LogFailed(UpstreamAddress.Shown(place.Url), error.Message);
            return null;
        }
    }

    private async Task<Downloader?> OpenAsync(Guid remote, CancellationToken cancellationToken)
    {
        await _opening.WaitAsync(cancellationToken);
        try
        {
            if (!_downloaders.TryGetValue(remote, out var downloader))
            {
                if (
                    await store.FindByMasterAsync(database, typeof(Remote), Reach.Server, remote, cancellationToken)
                    is not Remote found
                )
                {
                    return null;
                }

                _downloaders[remote] = downloader = downloaders.For(found);
            }

            return downloader;
        }
        finally
        {
            _opening.Release();
        }
    }

    public void Dispose()
    {
        foreach (var downloader in _downloaders.Values)
        {
            downloader.Dispose();
        }

        _opening.Dispose();
    }

    private sealed record PlaceRow
    {
        public Guid RemoteId { get; init; }

        public string Url { get; init; } = "";

        public string Sha256 { get; init; } = "";
    }

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "The alternate content source {Url} failed, the remote is asked: {Reason}"
    )]
    private partial void LogFailed(string url, string reason);
}
