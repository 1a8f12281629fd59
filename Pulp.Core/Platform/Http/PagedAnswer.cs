using System.Buffers;

namespace Pulp.Core.Platform.Http;

/// <summary>
/// A JSON answer of unknown length. One that stays small is sent in one piece with its length; a larger one goes out piece by piece,
/// so that no list fills the memory.
/// </summary>
internal sealed class PagedAnswer(HttpResponse response) : IDisposable
{
    /// <summary>Bytes that are held back at most.</summary>
    public const int SendAt = 256 * 1024;

    private readonly PooledBuffer _buffer = new();

    public IBufferWriter<byte> Buffer => _buffer;

    public int Buffered => _buffer.Written.Length;

    /// <summary>Sends what there is so far; waits for a slow client.</summary>
    public async Task SendAsync(CancellationToken cancellationToken)
    {
        if (!response.HasStarted)
        {
            response.ContentType = "application/json";
        }

        await response.BodyWriter.WriteAsync(_buffer.Written, cancellationToken);
        _buffer.Clear();
    }

    /// <summary>Sends the rest.</summary>
    public Task EndAsync(CancellationToken cancellationToken)
    {
        if (!response.HasStarted)
        {
            response.ContentLength = Buffered;
        }

        return SendAsync(cancellationToken);
    }

    public void Dispose() => _buffer.Dispose();

    private sealed class PooledBuffer : IBufferWriter<byte>, IDisposable
    {
        private byte[] _bytes = ArrayPool<byte>.Shared.Rent(16 * 1024);
        private int _written;

        public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, _written);

        public void Advance(int count) => _written += count;

        public Memory<byte> GetMemory(int sizeHint = 0)
        {
            if (_bytes.Length - _written < Math.Max(sizeHint, 1))
            {
                var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_bytes.Length * 2, checked(_written + sizeHint)));
                Written.CopyTo(larger);
                ArrayPool<byte>.Shared.Return(_bytes);
                _bytes = larger;
            }

            return _bytes.AsMemory(_written);
        }

        public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

        public void Clear() => _written = 0;

        public void Dispose() => ArrayPool<byte>.Shared.Return(_bytes);
    }
}
