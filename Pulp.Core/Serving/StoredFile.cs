using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Pulp.Core.Serving;

/// <summary>Finds out that a stored file is gone or damaged before any of it is sent.</summary>
internal static class StoredFile
{
    /// <summary>EIO: the disk can't give back what was written.</summary>
    private const int Unreadable = 5;

    /// <summary>Null when it is gone, or of another length than was stored.</summary>
    public static SafeFileHandle? TryOpen(string path, long size)
    {
        try
        {
            var handle = File.OpenHandle(
                path,
                FileMode.Open,
                FileAccess.Read,
                FileShare.Read | FileShare.Delete,
                FileOptions.Asynchronous
            );
            if (RandomAccess.GetLength(handle) == size)
            {
                return handle;
            }

            handle.Dispose();
            return null;
        }
        catch (Exception error) when (IsLoss(error, path))
        {
            return null;
        }
    }

    public static bool IsIntact(ServedAnswer.File file, ReadOnlySpan<byte> bytes)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, digest);
        Span<char> text = stackalloc char[2 * SHA256.HashSizeInBytes];
        return Convert.TryToHexStringLower(digest, text, out _) && file.ETag.AsSpan(1, text.Length).SequenceEqual(text);
    }

    /// <summary>Too many open files, for one, is no loss of this file.</summary>
    private static bool IsLoss(Exception error, string path) =>
        error switch
        {
            FileNotFoundException or DirectoryNotFoundException => true,
            IOException io => (io.HResult & 0xffff) == Unreadable,
            UnauthorizedAccessException => Directory.Exists(path),
            _ => false,
        };
}
