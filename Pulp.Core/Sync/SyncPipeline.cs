using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Pulp.Core.Artifacts;
using Pulp.Core.Platform.Downloads;
using Pulp.Core.Platform.Storage;
using Pulp.Core.Repositories;
using Pulp.Core.Units;
using Pulp.PluginSdk.Sync;
using Pulp.PluginSdk.Tasks;

namespace Pulp.Core.Sync;

/// <summary>The stages after a plan's declarations: look for files, fetch, keep, save units, put them into the version.</summary>
internal sealed class SyncPipeline(
    Guid domain,
    ArtifactStore artifacts,
    FileStorage storage,
    ContentSaver saver,
    AlternateSources alternates,
    Downloader downloader,
    Remote remote,
    VersionBuilder builder,
    ITaskContext task,
    bool mirror
)
{
    /// <summary>
    /// Rows are small, and every batch touches the same indexes at random places: few large batches write far less. Files that
    /// wait for their batch are held in memory or open on the disk: fewer of them.
    /// </summary>
    private int BatchSize => IsImmediate ? 2_000 : 10_000;

    private bool IsImmediate => remote.Policy == DownloadPolicies.Immediate;

    /// <summary>PostgreSQL writes with as many hands as it is given; SQLite has one.</summary>
    private int Savers => task.Db.IsPostgres ? 2 : 1;

    private readonly ConcurrentDictionary<TemporaryFile, bool> _fetched = [];

    /// <summary>What was declared and isn't stored yet: the plan may be waiting for any of it.</summary>
    private readonly ConcurrentDictionary<DeclaredContent, bool> _outstanding = [];

    public async Task RunAsync(IAsyncEnumerable<DeclaredContent> declared, CancellationToken cancellationToken)
    {
        await using var downloads = task.Progress("Downloading Artifacts", "sync.downloading.artifacts");
        await using var associated = task.Progress("Associating Content", "associating.content");
        try
        {
            var known = KnownAsync(NotedAsync(declared, cancellationToken), cancellationToken);
            var saved = (IsImmediate ? FetchedAsync(known, downloads, cancellationToken) : known).Parallel(
                Savers,
                capacity: 1,
                SaveAsync,
                cancellationToken
            );
            await foreach (var batch in saved)
            {
                var added = batch.Where(i => i.IsNew).Select(i => i.Declared.SavedId).Distinct().Order().ToArray();
                var others = batch.Where(i => !i.IsNew).Select(i => i.Declared.SavedId).Except(added).ToArray();
                await builder.AddNewAsync(added, cancellationToken);
                await builder.AddAsync(others, cancellationToken);
                if (mirror)
                {
                    await builder.MarkPresentUpstreamAsync([.. added, .. others], cancellationToken);
                }

                associated.Increment(added.Length + others.Length);
            }
        }
        finally
        {
            // All stages have ended here: what they fetched and nobody kept goes, and what they didn't store won't be stored.
            FailOutstanding();
            foreach (var file in _fetched.Keys)
            {
                await file.DisposeAsync();
            }
        }

        downloads.Complete();
        associated.Complete();
        if (mirror)
        {
            await using var removed = task.Progress("Un-Associating Content", "unassociating.content");
            await builder.RemoveAbsentUpstreamAsync(cancellationToken);
            removed.Complete();
        }
    }

    /// <summary>Keeps the files of a batch and stores its units.</summary>
    private async ValueTask SaveAsync(IReadOnlyList<SyncItem> batch, CancellationToken cancellationToken)
    {
        await using var held = await artifacts.HoldAsync(cancellationToken);
        await ForgetRemovedAsync(batch, cancellationToken);
        await KeepAsync(batch, cancellationToken);
        await saver.SaveAsync(domain, batch, remote, cancellationToken);
        foreach (var item in batch)
        {
            _outstanding.TryRemove(item.Declared, out _);
        }
    }

    /// <summary>
    /// Notes what the plan declares. A stage that fails stops those before it, and so this one: the plan has to come to its end
    /// for that, also where it waits for a unit that will not be stored any more.
    /// </summary>
    private async IAsyncEnumerable<DeclaredContent> NotedAsync(
        IAsyncEnumerable<DeclaredContent> declared,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await using var stopped = cancellationToken.Register(FailOutstanding);
        await foreach (var one in declared.WithCancellation(cancellationToken))
        {
            _outstanding.TryAdd(one, true);
            yield return one;
        }
    }

    private void FailOutstanding()
    {
        foreach (var one in _outstanding.Keys)
        {
            one.SetFailed(new OperationCanceledException("The sync ended before this unit was stored."));
        }
    }

    /// <summary>Files that were found long ago may have been reclaimed since: their units stay, to be served on demand.</summary>
    private async Task ForgetRemovedAsync(IReadOnlyList<SyncItem> batch, CancellationToken cancellationToken)
    {
        var found = batch.SelectMany(i => i.Declared.Artifacts).Where(a => a.Artifact is not null).ToList();
        if (found.Count > 0)
        {
            Guid[] ids = [.. found.Select(a => a.Artifact?.PulpId ?? Guid.Empty).Distinct()];
            var kept = await task.Db.QueryAsync<Guid>(
                $"select pulp_id from core_artifact where pulp_id in {ids}",
                cancellationToken
            );
            var there = kept.ToHashSet();
            foreach (var artifact in found.Where(a => !there.Contains(a.Artifact?.PulpId ?? Guid.Empty)))
            {
                artifact.Artifact = null;
            }
        }
    }

    /// <summary>Finds the files that are stored already, one query a batch.</summary>
    private async IAsyncEnumerable<IReadOnlyList<SyncItem>> KnownAsync(
        IAsyncEnumerable<DeclaredContent> declared,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await foreach (var batch in declared.Batched(BatchSize, cancellationToken))
        {
            var wanted = batch.SelectMany(d => d.Artifacts).Where(a => a.Sha256 is not null).ToList();
            var digests = wanted.Select(a => Lower(a.Sha256)).Distinct(StringComparer.Ordinal).ToArray();
            var found = await artifacts.FindAndTouchAsync(domain, digests, cancellationToken);
            foreach (var artifact in wanted)
            {
                artifact.Artifact = found.GetValueOrDefault(Lower(artifact.Sha256));
            }

            if (IsImmediate)
            {
                await alternates.FindAsync(wanted.Where(a => a.Artifact is null), cancellationToken);
            }

            yield return [.. batch.Select(one => new SyncItem(one))];
        }
    }

    /// <summary>Fetches what isn't stored, several files at once; units come in the order in which they have theirs.</summary>
    private IAsyncEnumerable<IReadOnlyList<SyncItem>> FetchedAsync(
        IAsyncEnumerable<IReadOnlyList<SyncItem>> known,
        IProgressReport downloads,
        CancellationToken cancellationToken
    ) =>
        known
            .SelectMany(batch => batch)
            .Parallel(
                downloader.Concurrency,
                capacity: BatchSize,
                (item, token) => FetchAsync(item, downloads, token),
                cancellationToken
            )
            .Where(item => !item.IsLeftOut)
            .Batched(BatchSize, cancellationToken);

    private async ValueTask FetchAsync(SyncItem item, IProgressReport downloads, CancellationToken cancellationToken)
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
                await LeaveOutAsync(item, error);
                return;
            }
        }
    }

    /// <summary>Goes on without a unit: what it had goes, and whoever waits for it is told.</summary>
    private async Task LeaveOutAsync(SyncItem item, PulpException error)
    {
        item.IsLeftOut = true;
        _outstanding.TryRemove(item.Declared, out _);
        item.Declared.SetFailed(error);
        foreach (var (_, file) in item.Fetched)
        {
            _fetched.TryRemove(file, out _);
            await file.DisposeAsync();
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

    private async Task KeepAsync(IReadOnlyList<SyncItem> batch, CancellationToken cancellationToken)
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

    private static string Lower(string? digest) => digest?.ToLowerInvariant() ?? "";
}
