using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace Pulp.Core.Platform.Storage;

/// <summary>A file that grows over many requests; whoever has it open has it alone, among all processes.</summary>
internal sealed class GrowingFile : IDisposable
{
    private const int Piece = 128 * 1024;
    private readonly SafeFileHandle _handle;

    private GrowingFile(SafeFileHandle handle) => _handle = handle;

    /// <summary>Bytes that count; what lies behind them was never told to anybody.</summary>
    public long Size { get; private set; }

    /// <summary>The digests so far; null where they aren't known and the file has to be read for them.</summary>
    public DigestSet? Digests { get; private set; }

    /// <summary>Opens or makes the file; null while somebody else has it.</summary>
    public static GrowingFile? TryOpen(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path) ?? "");
        while (FileLock.TryOpen(path, exclusive: true) is { } handle)
        {
            if (LiesAt(handle, path))
            {
                return new GrowingFile(handle);
            }

            handle.Dispose();
        }

        return null;
    }

    /// <summary>
    /// False where who had the lock before has removed the file, or made an artifact of it, after it was opened here: to write to it
    /// would be lost, or worse. By the name alone, which is an id: there may be links on the way to it. Linux alone tells a handle's name.
    /// </summary>
    private static bool LiesAt(SafeFileHandle handle, string path) =>
        !OperatingSystem.IsLinux()
        || File.ResolveLinkTarget($"/proc/self/fd/{handle.DangerousGetHandle()}", returnFinalTarget: false)?.Name
            == Path.GetFileName(path);

    /// <summary>Lets others read it, and nobody add to it; false where somebody was faster.</summary>
    public bool TryShare() => FileLock.TryTake(_handle, exclusive: false);

    /// <summary>Whether no byte is in it.</summary>
    public bool IsEmpty => RandomAccess.GetLength(_handle) == 0;

    /// <summary>False when it has fewer bytes than were noted.</summary>
    public bool GoOn(long size, DigestSet? digests)
    {
        (Size, Digests) = (size, digests);
        return RandomAccess.GetLength(_handle) >= size;
    }

    /// <summary>Appends what a stream has, up to whole pieces of the file: its blocks are then written once each.</summary>
    /// <exception cref="FileTooLargeException">There would be more bytes than the limit.</exception>
    public async Task AppendAllAsync(Stream source, long? limit, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Piece);
        var filled = 0;
        try
        {
            int read;
            while ((read = await source.ReadAsync(Rest(buffer, filled), cancellationToken)) > 0)
            {
                if (Size + filled + read > limit)
                {
                    throw new FileTooLargeException(limit.Value);
                }

                filled += read;
                if (Rest(buffer, filled).IsEmpty)
                {
                    // What can't be written isn't tried again on the way out.
                    var whole = filled;
                    filled = 0;
                    Append(buffer.AsSpan(0, whole));
                }
            }
        }
        finally
        {
            try
            {
                // What has come counts, also where the stream broke off.
                Append(buffer.AsSpan(0, filled));
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    /// <summary>What is free of a buffer that ends where a piece of the file ends.</summary>
    private Memory<byte> Rest(byte[] buffer, int filled) =>
        buffer.AsMemory(filled, Piece - (int)(Size % Piece) - filled);

    private void Append(ReadOnlySpan<byte> data)
    {
        RandomAccess.Write(_handle, data, Size);
        Digests?.Append(data);
        Size += data.Length;
    }

    /// <summary>The digests of the whole.</summary>
    public Digests Finish(IReadOnlyCollection<string> algorithms)
    {
        using var digests = Digests ?? Read(algorithms);
        Digests = null;
        RandomAccess.SetLength(_handle, Size);
        return digests.Finish();
    }

    private DigestSet Read(IReadOnlyCollection<string> algorithms)
    {
        var digests = new DigestSet(algorithms);
        var buffer = new byte[Piece];
        for (long at = 0; at < Size; )
        {
            var read = RandomAccess.Read(_handle, buffer.AsSpan(0, (int)Math.Min(Piece, Size - at)), at);
            if (read == 0)
            {
                digests.Dispose();
                throw new EndOfStreamException("The upload's file has fewer bytes than were noted.");
            }

            digests.Append(buffer.AsSpan(0, read));
            at += read;
        }

        return digests;
    }

    /// <summary>Makes its bytes survive a power failure.</summary>
    public void Flush() => RandomAccess.FlushToDisk(_handle);

    public void Dispose() => _handle.Dispose();
}
