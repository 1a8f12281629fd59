using Pulp.Core.Platform.Storage;

namespace Pulp.Core.Serving;

/// <summary>A download that several clients read while it grows.</summary>
internal sealed class SharedDownload(TemporaryFile file)
{
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _progress = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _handedOut;
    private long _received;
    private Exception? _error;
    private bool _complete;

    public TemporaryFile File { get; private set; } = file;

    public Task Run { get; set; } = Task.CompletedTask;

    public long Received => Volatile.Read(ref _received);

    /// <summary>Length where it is known.</summary>
    public long? Length { get; private set; }

    /// <summary>Where the file was kept; null when it wasn't.</summary>
    public string? KeptAt { get; private set; }

    /// <summary>Downloads go on when their clients leave: the next one finds the file.</summary>
    public CancellationToken Abandoned => CancellationToken.None;

    /// <summary>Completed when a source has answered; fails when none did.</summary>
    public Task Begun => _begun.Task;

    public void Begin(long? length)
    {
        Length = length;
        _begun.TrySetResult();
    }

    public async Task AppendAsync(ReadOnlyMemory<byte> data)
    {
        await File.AppendAsync(data, CancellationToken.None);
        Interlocked.Add(ref _received, data.Length);
        Pulse();
    }

    /// <summary>Starts over for the next source; false when bytes were given away already.</summary>
    public async Task<bool> TryRestartAsync(FileStorage storage)
    {
        lock (_lock)
        {
            if (_handedOut > 0)
            {
                return false;
            }
        }

        await File.DisposeAsync();
        File = storage.Begin();
        Interlocked.Exchange(ref _received, 0);
        return true;
    }

    public void Complete(string? keptAt)
    {
        KeptAt = keptAt;
        _complete = true;
        Pulse();
    }

    public void Fail(Exception error)
    {
        _error = error;
        if (!_begun.TrySetException(error))
        {
            Pulse();
        }

        _ = _begun.Task.Exception;
        _complete = true;
        Pulse();
    }

    /// <summary>
    /// Copies to a client as the bytes come. The last piece is held back until the whole is known to be right: a client never
    /// gets a full-length file that is wrong.
    /// </summary>
    /// <exception cref="UpstreamException">It failed on the way.</exception>
    public async Task CopyToAsync(HttpResponse response, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 * 1024];
        using var stream = System.IO.File.OpenHandle(File.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        long sent = 0;
        while (true)
        {
            var progress = Volatile.Read(ref _progress).Task;
            var complete = Volatile.Read(ref _complete);
            if (_error is not null)
            {
                throw new UpstreamException(_error.Message, _error);
            }

            var ready = complete ? Received : Received - buffer.Length;
            if (sent < ready)
            {
                lock (_lock)
                {
                    _handedOut = Math.Max(_handedOut, ready);
                }

                var read = RandomAccess.Read(stream, buffer.AsSpan(0, (int)Math.Min(buffer.Length, ready - sent)), sent);
                await response.BodyWriter.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                sent += read;
            }
            else if (complete)
            {
                return;
            }
            else
            {
                await progress.WaitAsync(cancellationToken);
            }
        }
    }

    private void Pulse() =>
        Interlocked.Exchange(ref _progress, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
}
