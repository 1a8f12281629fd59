namespace PulpPython.Metadata;

/// <summary>Reads what is unpacked until it is more than any honest archive of that size becomes.</summary>
internal sealed class LimitedStream(Stream unpacked, long packed)
{
    /// <summary>What every archive may become, however small it is.</summary>
    private const long Always = 64L * 1024 * 1024;

    /// <summary>Sources rarely shrink to a tenth.</summary>
    private const long Ratio = 100;

    private const long Most = 16L * 1024 * 1024 * 1024;

    private readonly long _limit = Math.Min(Most, Math.Max(Always, checked(packed * Ratio)));
    private readonly byte[] _skipped = new byte[64 * 1024];
    private long _read;

    /// <summary>Fills the buffer; false when there is nothing any more.</summary>
    /// <exception cref="EndOfStreamException">It ends in the middle.</exception>
    /// <exception cref="Pulp.PluginSdk.Errors.ValidationException">It has become too much.</exception>
    public async ValueTask<bool> FillAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var read = await unpacked.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        _read += read;
        if (_read > _limit)
        {
            throw PackageArchive.Fault($"becomes more than {_limit} bytes when it is unpacked");
        }

        return read == buffer.Length || (read == 0 ? false : throw new EndOfStreamException());
    }

    /// <exception cref="EndOfStreamException">It ends before.</exception>
    public async ValueTask SkipAsync(long count, CancellationToken cancellationToken)
    {
        while (count > 0)
        {
            var part = (int)Math.Min(count, _skipped.Length);
            if (!await FillAsync(_skipped.AsMemory(0, part), cancellationToken))
            {
                throw new EndOfStreamException();
            }

            count -= part;
        }
    }
}
