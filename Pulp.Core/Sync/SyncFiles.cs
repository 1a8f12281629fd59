using System.Collections.Concurrent;
using Pulp.Core.Artifacts;
using Pulp.Core.Platform.Downloads;
using Pulp.Core.Platform.Storage;
using Pulp.Core.Units;
using Pulp.PluginSdk.Sync;
using Pulp.PluginSdk.Tasks;

namespace Pulp.Core.Sync;

/// <summary>
/// The files of a sync's units: fetched from the remote or an alternate source, and kept with their batch. Those that nobody kept go
/// when it is disposed, once all stages have ended.
/// </summary>
internal sealed class SyncFiles(
    Guid domain,
    ArtifactStore artifacts,
    FileStorage storage,
    AlternateSources alternates,
    Downloader downloader
) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<TemporaryFile, bool> _fetched = [];

    /// <summary>How many are fetched at once.</summary>
    public int Concurrency => downloader.Concurrency;

    /// <summary>Fetches the files of a unit; answers why its plan goes on without the unit, null where it has its files.</summary>
    public async ValueTask<PulpException?> FetchAsync(
        SyncItem item,
        IProgressReport downloads,
        CancellationToken cancellationToken
    )
    {
        foreach (
            var artifact in item.Declared.Artifacts.Where(a => a is { Artifact: null, Deferred: false, IsHere: false })
        )
        {
            var expected = Expectation.Of(artifact);
            try
            {
                var file =
                    await alternates.FetchAsync(artifact, expected, cancellationToken)
                    ?? await downloader.DownloadAsync(artifact.Url, expected, cancellationToken);
                _fetched.TryAdd(file, true);
                item.Fetched.Add((artifact, file));
                downloads.Increment();
            }
            catch (UpstreamException error) when (artifact.Optional && error.UpstreamStatus is 404 or 410)
            {
                item.Declared.Artifacts = [.. item.Declared.Artifacts.Where(a => a != artifact)];
            }
            catch (PulpException error)
                when (error is UpstreamException or DigestException && item.Declared.GoOnWithout?.Invoke(error) == true)
            {
                await RemoveAsync(item);
                return error;
            }
        }

        return null;
    }

    /// <summary>Keeps the files of a batch as artifacts, those among them that the plan had itself.</summary>
    public async Task KeepAsync(IReadOnlyList<SyncItem> batch, CancellationToken cancellationToken)
    {
        foreach (var item in batch)
        {
            await TakeAsync(item, cancellationToken);
        }

        var fetched = batch.SelectMany(i => i.Fetched).ToList();
        if (fetched.Count == 0)
        {
            return;
        }

        var saved = await artifacts.SaveAsync(domain, [.. fetched.Select(f => f.File)], cancellationToken);
        foreach (var (artifact, file) in fetched)
        {
            artifact.Artifact = saved[file.Digests.Sha256];
            _fetched.TryRemove(file, out _);
            await file.DisposeAsync();
        }

        foreach (var item in batch)
        {
            item.Fetched.Clear();
        }
    }

    /// <summary>Takes over the files that the plan has already.</summary>
    private async Task TakeAsync(SyncItem item, CancellationToken cancellationToken)
    {
        foreach (var artifact in item.Declared.Artifacts.Where(a => a is { Artifact: null, IsHere: true }))
        {
            var file = artifact switch
            {
                { Staged: { } staged } => StagedTemporaryFile.Of(staged),
                { Fetched: { } fetched } => await CopyAsync(fetched, cancellationToken),
                _ => throw new InvalidOperationException("The file isn't here."),
            };
            _fetched.TryAdd(file, true);
            Expectation.Of(artifact).Verify(artifact.RelativePath, file.Size, file.Digests);
            item.Fetched.Add((artifact, file));
        }
    }

    private async Task<TemporaryFile> CopyAsync(FetchedFile fetched, CancellationToken cancellationToken)
    {
        await using var stream = fetched.Open();
        return await storage.WriteAsync(stream, limit: null, cancellationToken);
    }

    private async Task RemoveAsync(SyncItem item)
    {
        foreach (var (_, file) in item.Fetched)
        {
            _fetched.TryRemove(file, out _);
            await file.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var file in _fetched.Keys)
        {
            await file.DisposeAsync();
        }
    }
}
