using Microsoft.Win32.SafeHandles;

namespace Pulp.Core.Platform.Storage;

/// <summary>
/// A lock on the storage, shared by those that add artifacts and exclusive for those that remove them: an artifact that is being
/// removed and added again at the same moment would otherwise lose its file. It also holds between processes, and it ends with the
/// process that holds it.
/// </summary>
internal sealed class StorageLock : IAsyncDisposable
{
    private readonly SafeFileHandle _handle;

    private StorageLock(SafeFileHandle handle) => _handle = handle;

    /// <summary>Waits for the lock.</summary>
    public static async Task<StorageLock> TakeAsync(string path, bool exclusive, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (FileLock.TryOpen(path, exclusive) is { } handle)
            {
                return new StorageLock(handle);
            }

            await Task.Delay(5, cancellationToken);
        }
    }

    public ValueTask DisposeAsync()
    {
        // Closing the file releases the lock.
        _handle.Dispose();
        return ValueTask.CompletedTask;
    }
}
