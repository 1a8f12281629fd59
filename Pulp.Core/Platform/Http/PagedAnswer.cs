using System.Buffers;
using Pulp.Core.Platform.Storage;

namespace Pulp.Core.Platform.Http;

/// <summary>
/// A JSON answer of unknown length. It is sent when all of it is there, so that no slow client holds a connection to the database:
/// what is too large for the memory waits in a temporary file.
/// </summary>
internal sealed class PagedAnswer(HttpResponse response, FileStorage storage) : IAsyncDisposable
{
    /// <summary>Bytes that are held in memory at most.</summary>
    public const int InMemory = 1024 * 1024;

    private readonly PooledBuffer _buffer = new();
    private FileStream? _file;

    public IBufferWriter<byte> Buffer => _buffer;

    public int Buffered => _buffer.Written.Length;

    /// <summary>Puts aside what there is so far.</summary>
    public async Task PutAsideAsync(CancellationToken cancellationToken)
    {
        _file ??= storage.OpenScratch();
        await _file.WriteAsync(_buffer.Written, cancellationToken);
        _buffer.Clear();
    }

    /// <summary>Forgets what there is so far.</summary>
    public void Clear()
    {
        _buffer.Clear();
        _file?.SetLength(0);
    }

    /// <summary>Sends everything.</summary>
    public async Task SendAsync(CancellationToken cancellationToken)
    {
        response.ContentType = "application/json";
        response.ContentLength = (_file?.Length ?? 0) + Buffered;
        if (_file is not null)
        {
            _file.Position = 0;
            await _file.CopyToAsync(response.Body, cancellationToken);
        }

        await response.BodyWriter.WriteAsync(_buffer.Written, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        _buffer.Dispose();
        if (_file is not null)
        {
            await _file.DisposeAsync();
        }
    }

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
