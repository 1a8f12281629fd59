using Pulp.Core.Platform.Settings;

namespace Pulp.Core.Serving;

/// <summary>
/// The bytes of small files that are asked for often. Two generations share the memory that is allowed: what is used moves to the
/// young one; when that is full the old one is forgotten. A hit costs one comparison.
/// </summary>
internal sealed class SmallFiles(PulpSettings settings)
{
    /// <summary>Larger ones are read, or sent by the kernel, each time.</summary>
    public const int Largest = 32 * 1024;

    private readonly Lock _lock = new();
    private List<ServedAnswer.File> _old = [];
    private List<ServedAnswer.File> _young = [];
    private long _youngBytes;
    private volatile int _generation = 1;

    /// <summary>The file's bytes; null when it is gone.</summary>
    public byte[]? BytesOf(ServedAnswer.File file)
    {
        var bytes = file.Bytes;
        if (bytes is not null && file.Generation == _generation)
        {
            return bytes;
        }

        bytes ??= Read(file);
        if (bytes is not null)
        {
            Keep(file, bytes);
        }

        return bytes;
    }

    private void Keep(ServedAnswer.File file, byte[] bytes)
    {
        lock (_lock)
        {
            if (file.Bytes is not null && file.Generation == _generation)
            {
                return;
            }

            if (_youngBytes + bytes.Length > settings.ContentCacheBytes / 2)
            {
                foreach (var unused in _old.Where(f => f.Generation < _generation))
                {
                    unused.Bytes = null;
                }

                (_old, _young, _youngBytes) = (_young, [], 0);
                _generation++;
            }

            file.Bytes = bytes;
            file.Generation = _generation;
            _young.Add(file);
            _youngBytes += bytes.Length;
        }
    }

    private static byte[]? Read(ServedAnswer.File file)
    {
        try
        {
            using var handle = File.OpenHandle(file.Path);
            var bytes = GC.AllocateUninitializedArray<byte>((int)file.Size);
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
        catch (IOException)
        {
            return null; // Gone since it was looked up: the caller looks again.
        }
    }
}
