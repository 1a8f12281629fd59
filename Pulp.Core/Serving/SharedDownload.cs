using Pulp.Core.Platform.Storage;

namespace Pulp.Core.Serving;

/// <summary>A download that several clients read while it grows. Each joins before it reads and leaves afterwards.</summary>
internal sealed class SharedDownload(TemporaryFile file)
{
    // Opened at once: the file is moved or deleted when the download ends, and late readers still need its bytes.
    private Microsoft.Win32.SafeHandles.SafeFileHandle _reader = OpenForReading(file.Path);
    private int _readers;
    private bool _closed;

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

    /// <summary>False when the download ended and its last reader left: a new one is needed.</summary>
    public bool TryJoin()
    {
        lock (_lock)
        {
            if (_closed)
            {
                return false;
            }

            _readers++;
            return true;
        }
    }

    public void Leave()
    {
        lock (_lock)
        {
            _readers--;
            CloseWhenDone();
        }
    }

    private void CloseWhenDone()
    {
        if (_complete && _readers == 0 && !_closed)
        {
            _closed = true;
            _reader.Dispose();
        }
    }

    private static Microsoft.Win32.SafeHandles.SafeFileHandle OpenForReading(string path) =>
        System.IO.File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

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
        _reader.Dispose();
        File = storage.Begin(onDisk: true);
        _reader = OpenForReading(File.Path);
        Interlocked.Exchange(ref _received, 0);
        return true;
    }

    public void Complete(string? keptAt)
    {
        KeptAt = keptAt;
        End();
    }

    public void Fail(Exception error)
    {
        _error = error;
        if (!_begun.TrySetException(error))
        {
            Pulse();
        }

        _ = _begun.Task.Exception;
        End();
    }

    /// <summary>
    /// Copies to a client as the bytes come. The last piece is held back until the whole is known to be right: a client never
    /// gets a full-length file that is wrong.
    /// </summary>
    /// <exception cref="UpstreamException">It failed on the way.</exception>
    public async Task CopyToAsync(HttpResponse response, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 * 1024];
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

                var read = RandomAccess.Read(
                    _reader,
                    buffer.AsSpan(0, (int)Math.Min(buffer.Length, ready - sent)),
                    sent
                );
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

    private void End()
    {
        lock (_lock)
        {
            _complete = true;
            CloseWhenDone();
        }

        Pulse();
    }

    private void Pulse() =>
        Interlocked
            .Exchange(ref _progress, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously))
            .TrySetResult();
}
