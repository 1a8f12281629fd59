using System.Net.Sockets;
using System.Threading.Tasks.Sources;

namespace Pulp.Core.Platform.Sockets;

/// <summary>Something whose bytes are sent to a socket in the place of those that are counted.</summary>
internal interface ISending : IDisposable
{
    /// <summary>Sends its next bytes.</summary>
    /// <exception cref="SocketException">The connection is gone.</exception>
    ValueTask<int> SendAsync(int count);
}

/// <summary>Sends memory as it lies there.</summary>
internal sealed class MemorySending(Socket socket, ReadOnlyMemory<byte> bytes) : ISending
{
    private int _offset;

    public async ValueTask<int> SendAsync(int count)
    {
        for (var end = _offset + count; _offset < end; )
        {
            _offset += await socket.SendAsync(bytes[_offset..end], SocketFlags.None, CancellationToken.None);
        }

        return count;
    }

    public void Dispose() { }
}

/// <summary>Sends pieces of a file over a socket by sendfile(2), one after another, without an allocation for each.</summary>
internal sealed class FileSending(Socket socket, FileStream file, long offset)
    : SocketAsyncEventArgs,
        ISending,
        IValueTaskSource<int>
{
    private ManualResetValueTaskSourceCore<int> _source;
    private long _offset = offset;
    private int _count;

    public ValueTask<int> SendAsync(int count)
    {
        _source.Reset();
        _count = count;
        SendPacketsElements = [new SendPacketsElement(file, _offset, count)];
        _offset += count;
        if (socket.SendPacketsAsync(this))
        {
            return new ValueTask<int>(this, _source.Version);
        }

        return SocketError == SocketError.Success
            ? ValueTask.FromResult(count)
            : ValueTask.FromException<int>(new SocketException((int)SocketError));
    }

    protected override void OnCompleted(SocketAsyncEventArgs e)
    {
        if (SocketError == SocketError.Success)
        {
            _source.SetResult(_count);
        }
        else
        {
            _source.SetException(new SocketException((int)SocketError));
        }
    }

    public int GetResult(short token) => _source.GetResult(token);

    public ValueTaskSourceStatus GetStatus(short token) => _source.GetStatus(token);

    public void OnCompleted(
        Action<object?> continuation,
        object? state,
        short token,
        ValueTaskSourceOnCompletedFlags flags
    ) => _source.OnCompleted(continuation, state, token, flags);
}
