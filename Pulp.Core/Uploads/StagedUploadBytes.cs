using Pulp.Core.Platform.Storage;

namespace Pulp.Core.Uploads;

/// <summary>The bytes of uploads that come in pieces: a file each, and the digests that this process knows.</summary>
internal sealed class StagedUploadBytes(
    FileStorage storage,
    StagedUploadRows rows,
    RunningDigests running,
    TimeProvider clock
)
{
    private const string Directory = "upload/staged";
    private const int BatchSize = 500;

    /// <summary>How long a file is left alone that no row tells of: its first piece may still be coming.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromDays(1);

    public string PathOf(Guid id) => storage.Absolute($"{Directory}/{id}");

    public void Remove(Guid id)
    {
        storage.Delete($"{Directory}/{id}");
        running.Forget(id);
    }

    /// <summary>Makes the name of an upload's file survive a power failure.</summary>
    public void FlushName(Guid id) => storage.Own.FlushName($"{Directory}/{id}");

    /// <summary>Removes uploads of all domains that nobody went on with; at most so many of either kind.</summary>
    public async Task RemoveExpiredAsync(long most, CancellationToken cancellationToken)
    {
        foreach (var id in await rows.RemoveExpiredAsync(most, cancellationToken))
        {
            RemoveUnused(id);
        }

        // What a process was killed over that was receiving the first piece.
        var removed = 0L;
        foreach (var batch in OlderThan(clock.GetUtcNow() - Patience).Chunk(BatchSize))
        {
            foreach (var id in batch.Except(await rows.ExistingAsync(batch, cancellationToken)))
            {
                RemoveUnused(id);
                if (++removed >= most)
                {
                    return;
                }
            }
        }
    }

    private IEnumerable<Guid> OlderThan(DateTimeOffset moment) =>
        new DirectoryInfo(storage.Absolute(Directory)) is { Exists: true } directory
            ? directory
                .EnumerateFiles()
                .Where(f => f.LastWriteTimeUtc < moment.UtcDateTime)
                .Select(f => Guid.TryParse(f.Name, out var id) ? id : Guid.Empty)
                .Where(id => id != Guid.Empty)
            : [];

    /// <summary>Removes a file without a row, unless a piece is coming in this moment: then there will be one.</summary>
    private void RemoveUnused(Guid id)
    {
        using var alone = GrowingFile.TryOpen(PathOf(id));
        if (alone is not null)
        {
            Remove(id);
        }
    }
}
