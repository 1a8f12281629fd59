using Pulp.Core.Platform.Settings;
using Pulp.Core.Platform.Storage;

namespace Pulp.Core.Serving;

/// <summary>
/// The bytes of small files that are asked for often. Two generations share the memory that is allowed: what is used moves to the
/// young one; when that is full the old one is forgotten. A hit costs one comparison.
/// </summary>
internal sealed class SmallFiles(PulpSettings settings, ArtifactFiles files)
{
    /// <summary>Larger ones are read, or sent by the kernel, each time.</summary>
    public const int Largest = 32 * 1024;

    /// <summary>What else a kept file takes: this and the array's own.</summary>
    private const int BytesAround = 64;

    private readonly Lock _lock = new();
    private List<CachedBytes> _old = [];
    private List<CachedBytes> _young = [];
    private long _youngBytes;
    private volatile int _generation = 1;

    /// <summary>
    /// A file's bytes and when they were used last. The lists hold these and not the answers, which may be forgotten meanwhile.
    /// </summary>
    public sealed class CachedBytes(byte[] bytes)
    {
        public byte[]? Bytes { get; set; } = bytes;

        public int Generation { get; set; }
    }

    /// <summary>The file's bytes; null when it is gone or damaged. They are there at once where they are known or on this host's disk.</summary>
    public ValueTask<byte[]?> BytesOfAsync(ServedAnswer.File file, CancellationToken cancellationToken)
    {
        var kept = file.CachedBytes;
        if (kept?.Bytes is { } known)
        {
            if (kept.Generation != _generation)
            {
                Keep(kept, known.Length);
            }

            return ValueTask.FromResult<byte[]?>(known);
        }

        return files.PathOf(file.Name) is { } path
            ? ValueTask.FromResult(Checked(file, Read(path, (int)file.Size)))
            : FetchAsync(file, cancellationToken);
    }

    private async ValueTask<byte[]?> FetchAsync(ServedAnswer.File file, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = files.OpenRead(file.Name);
            var bytes = GC.AllocateUninitializedArray<byte>((int)file.Size);
            await stream.ReadExactlyAsync(bytes, cancellationToken);
            return Checked(file, bytes);
        }
        catch (Exception error) when (error is FileNotFoundException or EndOfStreamException)
        {
            return null;
        }
    }

    /// <summary>They will be sent many times: once they are worth a look whether they are still what was stored.</summary>
    private byte[]? Checked(ServedAnswer.File file, byte[]? bytes)
    {
        if (bytes is null || !StoredFile.IsIntact(file, bytes))
        {
            return null;
        }

        file.CachedBytes = new CachedBytes(bytes);
        Keep(file.CachedBytes, bytes.Length);
        return bytes;
    }

    private void Keep(CachedBytes kept, int length)
    {
        lock (_lock)
        {
            if (kept.Bytes is null || kept.Generation == _generation)
            {
                return;
            }

            if (_youngBytes + length + BytesAround > settings.ContentCacheBytes / 2)
            {
                foreach (var unused in _old.Where(k => k.Generation < _generation))
                {
                    unused.Bytes = null;
                }

                (_old, _young, _youngBytes) = (_young, [], 0);
                _generation++;
            }

            kept.Generation = _generation;
            _young.Add(kept);
            _youngBytes += length + BytesAround;
        }
    }

    private static byte[]? Read(string path, int size)
    {
        using var handle = StoredFile.TryOpen(path, size);
        if (handle is null)
        {
            return null;
        }

        var bytes = GC.AllocateUninitializedArray<byte>(size);
        var read = 0;
        while (read < bytes.Length)
        {
            var count = RandomAccess.Read(handle, bytes.AsSpan(read), read);
            if (count == 0)
            {
                return null;
            }

            read += count;
        }

        return bytes;
    }
}
