using System.Runtime.ExceptionServices;
using Microsoft.Win32.SafeHandles;
using Pulp.Core.Platform.Downloads;
using Pulp.Core.Platform.Storage;

namespace Pulp.Core.Serving;

/// <summary>A download that several clients read while it grows. Each joins before it reads and leaves afterwards.</summary>
internal sealed class SharedDownload : IDownloadTarget
{
    private const int Piece = 64 * 1024;
    private readonly FileStorage _storage;
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _progress = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Opened at once: the file is moved or deleted when the download ends, and late readers still need its bytes.
    private SafeFileHandle _reader;
    private int _readers;
    private bool _closed;
    private long _handedOut;
    private long _size;
    private Exception? _error;
    private bool _complete;

    public SharedDownload(FileStorage storage)
    {
        _storage = storage;
        File = storage.Begin(onDisk: true);
        _reader = OpenForReading(File.Path);
    }

    public TemporaryFile File { get; private set; }

    public Task Run { get; set; } = Task.CompletedTask;

    public long Size => Volatile.Read(ref _size);

    /// <summary>Length where it is known.</summary>
    public long? Length { get; private set; }

    /// <summary>The artifact it was kept as; null when it wasn't.</summary>
    public Artifact? StoredAs { get; private set; }

    /// <summary>Nothing was fetched: another download had stored the file already.</summary>
    public bool WasStored { get; private set; }

    /// <summary>Completed when a source has answered; fails when none did.</summary>
    public Task Begun => _begun.Task;

    /// <summary>Whether clients have bytes of it already: they must not get another source's behind them.</summary>
    public bool IsHandedOut
    {
        get
        {
            lock (_lock)
            {
                return _handedOut > 0;
            }
        }
    }

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

    public void Begin(long? length)
    {
        Length = length;
        _begun.TrySetResult();
    }

    public async ValueTask AppendAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        await File.AppendAsync(data, cancellationToken);
        Interlocked.Add(ref _size, data.Length);
        TellReaders();
    }

    /// <summary>Starts over, for another attempt or source, while no client has bytes of it.</summary>
    public async Task RestartAsync()
    {
        var file = _storage.Begin(onDisk: true);
        var reader = OpenForReading(file.Path);
        bool late;
        lock (_lock)
        {
            // Readers take the file and their place in it under this lock too: what they have is all of one source.
            late = _handedOut > 0;
            if (!late)
            {
                (file, File) = (File, file);
                (reader, _reader) = (_reader, reader);
                Volatile.Write(ref _size, 0);
            }
        }

        reader.Dispose();
        await file.DisposeAsync();
        if (late)
        {
            throw new UpstreamException($"It broke off after {Size} bytes, of which clients have some already.");
        }
    }

    public async Task<Digests> FinishAsync(CancellationToken cancellationToken)
    {
        await File.FinishAsync(cancellationToken);
        return File.Digests;
    }

    /// <summary>It is whole and right; the artifact, where it was kept as one.</summary>
    public void Complete(Artifact? kept)
    {
        StoredAs = kept;
        End();
    }

    /// <summary>Nothing is to be fetched: another download has stored the file since its clients looked for it.</summary>
    public void CompleteAsStored(Artifact stored)
    {
        WasStored = true;
        Complete(stored);
        _begun.TrySetResult();
    }

    public void Fail(Exception error)
    {
        lock (_lock)
        {
            _error = error;
        }

        _begun.TrySetException(error);
        _ = _begun.Task.Exception; // Observed here: perhaps nobody waits any more.
        End();
    }

    /// <summary>
    /// Copies to a client as the bytes come. The last piece is held back until the whole is known to be right: a client never
    /// gets a full-length file that is wrong. Throws what the download failed with.
    /// </summary>
    public async Task CopyToAsync(HttpResponse response, CancellationToken cancellationToken)
    {
        var buffer = new byte[Piece];
        long sent = 0;
        while (true)
        {
            var (reader, count, isEnd, progress) = Next(sent);
            if (count > 0)
            {
                var read = RandomAccess.Read(reader, buffer.AsSpan(0, count), sent);
                await response.BodyWriter.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                sent += read;
            }
            else if (isEnd)
            {
                return;
            }
            else
            {
                await progress.WaitAsync(cancellationToken);
            }
        }
    }

    /// <summary>What a client that has so many bytes may have next: taken as one, so that no restart comes between.</summary>
    private (SafeFileHandle Reader, int Count, bool IsEnd, Task Progress) Next(long sent)
    {
        lock (_lock)
        {
            if (_error is not null)
            {
                ExceptionDispatchInfo.Throw(_error);
            }

            var ready = _complete ? _size : _size - Piece;
            var count = (int)Math.Clamp(ready - sent, 0, Piece);
            _handedOut = Math.Max(_handedOut, sent + count);
            return (_reader, count, _complete, _progress.Task);
        }
    }

    private void End()
    {
        lock (_lock)
        {
            _complete = true;
            CloseWhenDone();
        }

        TellReaders();
    }

    private void CloseWhenDone()
    {
        if (_complete && _readers == 0 && !_closed)
        {
            _closed = true;
            _reader.Dispose();
        }
    }

    private void TellReaders()
    {
        TaskCompletionSource before;
        lock (_lock)
        {
            before = _progress;
            _progress = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        before.TrySetResult();
    }

    private static SafeFileHandle OpenForReading(string path) =>
        System.IO.File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
}
