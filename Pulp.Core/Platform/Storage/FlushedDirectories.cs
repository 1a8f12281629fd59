using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Pulp.Core.Platform.Storage;

/// <summary>
/// Makes the names of files survive a power failure. A file is found again when its directory was flushed after it got its name,
/// and a new directory when the one above it was: that is remembered, so that it is done once.
/// </summary>
internal sealed partial class FlushedDirectories(string root)
{
    private const int Most = 10_000;
    private const int CloseOnExec = 0x80000;

    /// <summary>EINVAL: what some network file systems say to any flush of a directory; they keep names on their own.</summary>
    private const int NotSupported = 22;

    private readonly string _root = Path.TrimEndingDirectorySeparator(root);
    private readonly ConcurrentDictionary<string, bool> _named = new(StringComparer.Ordinal);

    /// <summary>Flushes the names in a directory below the root, and those of the directories above that may be new.</summary>
    /// <exception cref="IOException">They may not be on the disk.</exception>
    public void Flush(string directory)
    {
        FlushOne(directory);
        if (directory.Length <= _root.Length || _named.ContainsKey(directory))
        {
            return;
        }

        Flush(Path.GetDirectoryName(directory) ?? _root);
        if (_named.Count >= Most)
        {
            _named.Clear();
        }

        _named[directory] = true;
    }

    /// <summary>The directory goes, or was gone: one of this name will be a new one.</summary>
    public void Forget(string directory) => _named.TryRemove(directory, out _);

    /// <summary>Flushes the names in one directory.</summary>
    /// <exception cref="IOException">They may not be on the disk.</exception>
    public static void FlushOne(string directory)
    {
        var descriptor = Open(directory, CloseOnExec);
        if (descriptor < 0)
        {
            throw Failure(directory);
        }

        try
        {
            if (Sync(descriptor) != 0 && Marshal.GetLastPInvokeError() != NotSupported)
            {
                throw Failure(directory);
            }
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    /// <summary>Flushes everything that was written to the file system of a file, which is made where it isn't there.</summary>
    /// <exception cref="IOException">It may not be on the disk.</exception>
    public static void FlushFileSystem(string file)
    {
        using var handle = File.OpenHandle(file, FileMode.OpenOrCreate, FileAccess.Write);
        if (SyncFileSystem((int)handle.DangerousGetHandle()) != 0)
        {
            throw new IOException("The files that were stored can't be flushed to the disk.");
        }
    }

    private static IOException Failure(string directory)
    {
        var code = Marshal.GetLastPInvokeError();
        return new IOException(
            $"The directory {directory} can't be flushed to the disk: {Marshal.GetPInvokeErrorMessage(code)}.",
            code
        );
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(int descriptor);

    [LibraryImport("libc", EntryPoint = "syncfs")]
    private static partial int SyncFileSystem(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
