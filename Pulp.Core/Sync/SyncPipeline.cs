using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Pulp.Core.Artifacts;
using Pulp.Core.Repositories;
using Pulp.Core.Units;
using Pulp.PluginSdk.Sync;
using Pulp.PluginSdk.Tasks;

namespace Pulp.Core.Sync;

/// <summary>The stages after a plan's declarations: look for files, fetch, keep, save units, put them into the version.</summary>
internal sealed class SyncPipeline(
    Guid domain,
    ArtifactStore artifacts,
    ContentSaver saver,
    AlternateSources alternates,
    SyncFiles files,
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
            // All stages have ended here: what they didn't store won't be stored.
            FailOutstanding();
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
        await files.KeepAsync(batch, cancellationToken);
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
                files.Concurrency,
                capacity: BatchSize,
                (item, token) => FetchAsync(item, downloads, token),
                cancellationToken
            )
            .Where(item => !item.IsLeftOut)
            .Batched(BatchSize, cancellationToken);

    /// <summary>Fetches a unit's files, or goes on without the unit: whoever waits for it is told.</summary>
    private async ValueTask FetchAsync(SyncItem item, IProgressReport downloads, CancellationToken cancellationToken)
    {
        if (await files.FetchAsync(item, downloads, cancellationToken) is { } error)
        {
            item.IsLeftOut = true;
            _outstanding.TryRemove(item.Declared, out _);
            item.Declared.SetFailed(error);
        }
    }

    private static string Lower(string? digest) => digest?.ToLowerInvariant() ?? "";
}
