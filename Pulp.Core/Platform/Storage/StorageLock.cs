using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Pulp.Core.Platform.Storage;

/// <summary>
/// A lock on the storage, shared by those that add artifacts and exclusive for those that remove them: an artifact that is being
/// removed and added again at the same moment would otherwise lose its file. It is the file system's own, so it also holds
/// between processes, and it ends with the process that holds it.
/// </summary>
internal sealed partial class StorageLock : IAsyncDisposable
{
    private const int Shared = 1;
    private const int Exclusive = 2;
    private const int NoWait = 4;
    private readonly SafeFileHandle _handle;

    private StorageLock(SafeFileHandle handle) => _handle = handle;

    public static async Task<StorageLock> TakeAsync(string path, bool exclusive, CancellationToken cancellationToken)
    {
        var handle = File.OpenHandle(
            path,
            FileMode.OpenOrCreate,
            FileAccess.ReadWrite,
            FileShare.ReadWrite | FileShare.Delete
        );
        try
        {
            while (Flock((int)handle.DangerousGetHandle(), (exclusive ? Exclusive : Shared) | NoWait) != 0)
            {
                await Task.Delay(5, cancellationToken);
            }

            return new StorageLock(handle);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    public ValueTask DisposeAsync()
    {
        // Closing the file releases the lock.
        _handle.Dispose();
        return ValueTask.CompletedTask;
    }

    [LibraryImport("libc", EntryPoint = "flock")]
    private static partial int Flock(int descriptor, int operation);
}
