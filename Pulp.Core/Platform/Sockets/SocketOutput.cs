using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Pulp.Core.Platform.Sockets;

/// <summary>
/// Writes a connection's bytes to its socket from the thread that has them. Kestrel's own output is a pipe that another thread
/// empties: a change of threads for every answer. And it can let the kernel send files, so that their bytes never come to memory here.
/// </summary>
/// <remarks>
/// Kestrel calls this below its own lock and never flushes twice at once. A file, or memory that is large, is sent in the place of
/// body bytes: while one is open, the memory that is handed out is never looked at, only counted, and that many of its bytes go out.
/// Kestrel counts them as written, so that its checks of the length hold.
/// </remarks>
internal sealed class SocketOutput(Socket socket, PipeWriter inner) : PipeWriter, IDisposable
{
    private const int LeastBuffer = 4096;

    /// <summary>Bytes of a file that are handed to the kernel at once.</summary>
    private const int FilePiece = 16 * 1024 * 1024;

    // Counted, never read or written: the system gives it no memory.
    private static readonly byte[] PlaceholderMemory = GC.AllocateUninitializedArray<byte>(FilePiece);

    private byte[] _buffer = [];
    private int _written;
    private ISending? _instead;
    private bool _completed;
    private bool _broken;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _written;

    /// <summary>The body bytes that follow come from the file; everything before them must have been flushed.</summary>
    /// <exception cref="InvalidOperationException">Bytes wait to be flushed.</exception>
    public void Begin(FileStream file, long offset) => Begin(new FileSending(socket, file, offset));

    /// <summary>The body bytes that follow are these, and aren't copied; everything before them must have been flushed.</summary>
    /// <exception cref="InvalidOperationException">Bytes wait to be flushed.</exception>
    public void Begin(ReadOnlyMemory<byte> bytes) => Begin(new MemorySending(socket, bytes));

    private void Begin(ISending instead)
    {
        if (_written > 0)
        {
            throw new InvalidOperationException("What comes before is not flushed.");
        }

        _instead = instead;
    }

    /// <summary>What follows are bytes again.</summary>
    public void End()
    {
        _instead?.Dispose();
        _instead = null;
        _written = 0;
    }

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (_instead is not null)
        {
            return PlaceholderMemory;
        }

        var wanted = Math.Max(sizeHint, 1);
        if (_buffer.Length - _written < wanted)
        {
            var size = Math.Max(Math.Max(LeastBuffer, _buffer.Length * 2), checked(_written + wanted));
            var larger = ArrayPool<byte>.Shared.Rent(size);
            _buffer.AsSpan(0, _written).CopyTo(larger);
            Release();
            _buffer = larger;
        }

        return _buffer.AsMemory(_written);
    }

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes)
    {
        var room = _instead is null ? _buffer.Length : PlaceholderMemory.Length;
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, room - _written);
        _written += bytes;
    }

    // A send that has begun is never cancelled: half an answer would be followed by the next. An aborted connection ends it.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_broken || _written == 0)
        {
            _written = 0;
            return new FlushResult(isCanceled: false, isCompleted: _broken);
        }

        try
        {
            if (_instead is null)
            {
                for (var sent = 0; sent < _written; )
                {
                    sent += await socket.SendAsync(
                        _buffer.AsMemory(sent, _written - sent),
                        SocketFlags.None,
                        CancellationToken.None
                    );
                }
            }
            else
            {
                await _instead.SendAsync(_written);
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // The other side is gone; Kestrel learns the same by reading, and ends the connection.
            _broken = true;
        }

        _written = 0;
        Release();
        return new FlushResult(isCanceled: false, isCompleted: _broken);
    }

    public override void Complete(Exception? exception = null)
    {
        if (!_completed)
        {
            _completed = true;
            Dispose();
            inner.Complete(exception);
        }
    }

    public override async ValueTask CompleteAsync(Exception? exception = null)
    {
        if (!_completed)
        {
            if (exception is null)
            {
                await FlushAsync();
            }

            _completed = true;
            Dispose();
            await inner.CompleteAsync(exception);
        }
    }

    // Nothing here waits for a reader that could be told to look again.
    public override void CancelPendingFlush() { }

    public void Dispose()
    {
        End();
        Release();
    }

    // An idle connection holds no memory.
    private void Release()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
        }
    }
}
