using System.Buffers;
using Microsoft.Win32.SafeHandles;
using Pulp.Core.Platform.Http;

namespace Pulp.Core.Platform.Storage;

/// <summary>
/// A file being received, with its digests. It stays in memory while it is small: most files are, and thousands of them can then
/// wait for their batch without a file each.
/// </summary>
internal sealed class TemporaryFile(
    string path,
    IReadOnlyCollection<string> algorithms,
    int memoryLimit = TemporaryFile.MemoryLimit
) : ReceivedFile
{
    public const int MemoryLimit = 16 * 1024;
    private byte[]? _memory;
    private SafeFileHandle? _handle;
    private DigestSet? _hashes;
    private Digests? _digests;
    private long _size;
    private bool _onDisk;
    private bool _kept;
    private string? _keptAs;

    /// <summary>A file that is whole and lies on the disk already.</summary>
    public static TemporaryFile Adopt(string path, long size, Digests digests) =>
        new(path, [])
        {
            _onDisk = true,
            _size = size,
            _digests = digests,
        };

    /// <summary>Where it lies; only after <see cref="ToDisk"/>.</summary>
    public string Path => _onDisk ? path : throw new InvalidOperationException("The file is still in memory.");

    public override long Size => _size;

    /// <summary>Its bytes where they are in memory, as the caller's own; null where it lies on the disk.</summary>
    public byte[]? InMemory() => _onDisk ? null : _memory.AsSpan(0, (int)_size).ToArray();

    public Digests Digests => _digests ?? throw new InvalidOperationException("The file isn't finished.");

    public ValueTask AppendAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!_onDisk && _size + data.Length <= memoryLimit)
        {
            Reserve((int)_size + data.Length);
            data.CopyTo(_memory.AsMemory((int)_size));
        }
        else
        {
            ToDisk();
            _hashes?.Append(data.Span);
            // Into the page cache: asynchronous writing would cost more than it saves.
            RandomAccess.Write(_handle ?? throw new ObjectDisposedException(nameof(TemporaryFile)), data.Span, _size);
        }

        _size += data.Length;
        return ValueTask.CompletedTask;
    }

    /// <summary>Appends what a stream has, in whole pieces: the blocks of the file are then written once each.</summary>
    public async Task AppendAllAsync(Stream source, long? limit, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(128 * 1024);
        try
        {
            int read;
            while (
                (
                    read = await source.ReadAtLeastAsync(
                        buffer,
                        buffer.Length,
                        throwOnEndOfStream: false,
                        cancellationToken
                    )
                ) > 0
            )
            {
                if (_size + read > limit)
                {
                    throw new FileTooLargeException(limit.Value);
                }

                await AppendAsync(buffer.AsMemory(0, read), cancellationToken);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Gives it a place on the disk, for who reads along or takes the file itself.</summary>
    public void ToDisk()
    {
        if (_onDisk)
        {
            return;
        }

        _handle = File.OpenHandle(
            path,
            FileMode.CreateNew,
            FileAccess.ReadWrite,
            FileShare.ReadWrite | FileShare.Delete
        );
        _onDisk = true;
        if (_digests is null)
        {
            _hashes = new DigestSet(algorithms);
            _hashes.Append(_memory.AsSpan(0, (int)_size));
        }

        if (_size > 0)
        {
            RandomAccess.Write(_handle, _memory.AsSpan(0, (int)_size), 0);
        }

        Forget();
    }

    /// <summary>Opens what was written, once that has ended; to be closed before the file is kept or disposed.</summary>
    public Stream OpenRead() =>
        _onDisk
            ? new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 64 * 1024)
            : new MemoryStream(_memory ?? [], 0, (int)_size, writable: false);

    /// <summary>Ends the writing; the file is closed, so that thousands can wait to be kept.</summary>
    public Task FinishAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _digests ??= _hashes?.Finish() ?? DigestSet.Of(_memory.AsSpan(0, (int)_size), algorithms);
        Close();
        return Task.CompletedTask;
    }

    /// <summary>Makes its bytes survive a power failure.</summary>
    public void Flush()
    {
        if (_kept)
        {
            // A transaction that was given up runs again: the bytes were flushed before the file went to its place.
            return;
        }

        ToDisk();
        _handle ??= File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
        RandomAccess.FlushToDisk(_handle);
        Close();
    }

    /// <summary>Gives the file away: it is complete under its new name from the first moment.</summary>
    public void MoveTo(string target)
    {
        if (_kept && File.Exists(target))
        {
            // A transaction that was given up runs again: the file has been there since the first time.
            return;
        }

        Leave();
        File.Move(path, target, overwrite: true);
        (_kept, _keptAs) = (true, target);
    }

    /// <summary>The same into what may be another file system, by way of a name there.</summary>
    public void MoveTo(string target, string beside, UnixFileMode? mode, bool flush)
    {
        if (_kept && File.Exists(target))
        {
            return;
        }

        Leave();
        File.Move(path, beside);
        (_kept, _keptAs) = (true, beside);
        if (mode is { } wanted && !OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(beside, wanted);
        }

        if (flush)
        {
            using var handle = File.OpenHandle(beside, FileMode.Open, FileAccess.ReadWrite);
            RandomAccess.FlushToDisk(handle);
        }

        File.Move(beside, target, overwrite: true);
        _keptAs = target;
    }

    /// <summary>
    /// Is whole on the disk and closed. What was received long ago is as of now: what is kept and has no row is taken for abandoned
    /// only after a while, and the row may be on its way.
    /// </summary>
    private void Leave()
    {
        ToDisk();
        Close();
        File.SetLastWriteTimeUtc(path, TimeProvider.System.GetUtcNow().UtcDateTime);
    }

    /// <summary>Lies again where it lay before it was given away, for whom that came to nothing.</summary>
    /// <param name="isShared">Others refer to the file where it lies now: it stays there, too.</param>
    public void TakeBack(bool isShared)
    {
        if (_keptAs is null)
        {
            return;
        }

        var back = _keptAs;
        if (isShared)
        {
            // By way of a name that cleaning knows: half a copy never lies where the file lay.
            back = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(path) ?? "", Guid.NewGuid().ToString());
            File.Copy(_keptAs, back);
        }

        // Who looked for it meanwhile may have made an empty one.
        File.Move(back, path, overwrite: true);

        (_kept, _keptAs) = (false, null);
    }

    public override ValueTask DisposeAsync()
    {
        Close();
        Forget();
        if (_onDisk && !_kept)
        {
            File.Delete(path);
            _kept = true;
        }

        return ValueTask.CompletedTask;
    }

    private void Close()
    {
        _handle?.Dispose();
        _handle = null;
        _hashes?.Dispose();
        _hashes = null;
    }

    private void Reserve(int size)
    {
        if (_memory is null || _memory.Length < size)
        {
            var larger = ArrayPool<byte>.Shared.Rent(size);
            _memory?.AsSpan(0, (int)_size).CopyTo(larger);
            Forget();
            _memory = larger;
        }
    }

    private void Forget()
    {
        if (_memory is not null)
        {
            ArrayPool<byte>.Shared.Return(_memory);
            _memory = null;
        }
    }
}
