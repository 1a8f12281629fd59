using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Pulp.Core.Platform.Storage;

/// <summary>The file system's own locks: they hold between processes, and end with the handle or the process that has them.</summary>
internal static partial class FileLock
{
    private const int Shared = 1;
    private const int Exclusive = 2;
    private const int NoWait = 4;

    /// <summary>EWOULDBLOCK on Linux.</summary>
    private const int WouldBlock = 11;

    /// <summary>Opens or makes a file and locks it; null while somebody else has a lock that stands against it.</summary>
    public static SafeFileHandle? TryOpen(string path, bool exclusive)
    {
        var handle = TryOpen(path);
        try
        {
            if (handle is not null && TryTake(handle, exclusive))
            {
                var taken = handle;
                handle = null;
                return taken;
            }

            return null;
        }
        finally
        {
            handle?.Dispose();
        }
    }

    /// <summary>Takes a lock in place of the one that a handle has; false where somebody else's stands against it.</summary>
    public static bool TryTake(SafeFileHandle handle, bool exclusive) =>
        Flock((int)handle.DangerousGetHandle(), (exclusive ? Exclusive : Shared) | NoWait) == 0;

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

    [LibraryImport("libc", EntryPoint = "flock")]
    private static partial int Flock(int descriptor, int operation);
}
