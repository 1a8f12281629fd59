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

    /// <summary>EWOULDBLOCK on Linux.</summary>
    private const int WouldBlock = 11;
    private readonly SafeFileHandle _handle;

    private StorageLock(SafeFileHandle handle) => _handle = handle;

    /// <summary>Waits for the lock.</summary>
    public static async Task<StorageLock> TakeAsync(string path, bool exclusive, CancellationToken cancellationToken)
    {
        while (true)
        {
            var handle = TryOpen(path);
            try
            {
                if (
                    handle is not null
                    && Flock((int)handle.DangerousGetHandle(), (exclusive ? Exclusive : Shared) | NoWait) == 0
                )
                {
                    var taken = new StorageLock(handle);
                    handle = null;
                    return taken;
                }
            }
            finally
            {
                handle?.Dispose();
            }

            await Task.Delay(5, cancellationToken);
        }
    }

    /// <summary>Null while somebody has it alone: .NET takes a shared lock with every file it opens, and doesn't wait for it.</summary>
    private static SafeFileHandle? TryOpen(string path)
    {
        try
        {
            return File.OpenHandle(
                path,
                FileMode.OpenOrCreate,
                FileAccess.ReadWrite,
                FileShare.ReadWrite | FileShare.Delete
            );
        }
        catch (IOException error) when (error.HResult == WouldBlock)
        {
            return null;
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
