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

    /// <summary>How long a file is left alone that no row tells of: its first piece may still be coming.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromDays(1);

    public string PathOf(Guid id) => storage.Absolute($"{Directory}/{id}");

    public void Remove(Guid id)
    {
        storage.Delete($"{Directory}/{id}");
        running.Forget(id);
    }

    /// <summary>Removes uploads of all domains that nobody went on with; at most so many of either kind.</summary>
    public async Task RemoveExpiredAsync(long most, CancellationToken cancellationToken)
    {
        foreach (var id in await rows.RemoveExpiredAsync(most, cancellationToken))
        {
            Remove(id);
        }

        // What a process was killed over that was receiving the first piece.
        var before = clock.GetUtcNow() - Patience;
        var old = new DirectoryInfo(storage.Absolute(Directory)) is { Exists: true } directory
            ? directory
                .EnumerateFiles()
                .Where(f => f.LastWriteTimeUtc < before.UtcDateTime)
                .Select(f => Guid.TryParse(f.Name, out var id) ? id : Guid.Empty)
                .Where(id => id != Guid.Empty)
                .Take((int)most)
                .ToList()
            : [];
        if (old.Count > 0)
        {
            foreach (var id in old.Except(await rows.ExistingAsync(old, cancellationToken)))
            {
                Remove(id);
            }
        }
    }
}
