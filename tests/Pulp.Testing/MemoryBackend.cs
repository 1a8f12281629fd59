using System.Collections.Concurrent;
using Pulp.Core.Platform.Storage;

namespace Pulp.Testing;

/// <summary>A storage that isn't on any disk: each file is asked for when it is first read, as from an object store.</summary>
internal sealed class MemoryBackend : IStorageBackend
{
    private readonly ConcurrentDictionary<string, byte[]> _files = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, DateTimeOffset> _keptAt = new(StringComparer.Ordinal);

    /// <summary>What is in it.</summary>
    public ICollection<string> Names => _files.Keys;

    public async ValueTask KeepAsync(string name, TemporaryFile file, bool flush, CancellationToken cancellationToken)
    {
        await using var content = file.OpenRead();
        await CopyAsync(name, content, cancellationToken);
    }

    public async ValueTask CopyAsync(string name, Stream content, CancellationToken cancellationToken)
    {
        using var copy = new MemoryStream();
        await content.CopyToAsync(copy, cancellationToken);
        _files[name] = copy.ToArray();
        _keptAt[name] = TimeProvider.System.GetUtcNow();
    }

    public ValueTask FlushAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public ValueTask<long?> SizeAsync(string name, CancellationToken cancellationToken) =>
        ValueTask.FromResult<long?>(_files.TryGetValue(name, out var bytes) ? bytes.Length : null);

    public IAsyncEnumerable<string> ListAsync(string prefix, CancellationToken cancellationToken) =>
        _files.Keys.Where(n => n.StartsWith(prefix, StringComparison.Ordinal)).ToAsyncEnumerable();

    public ValueTask<DateTimeOffset?> KeptAtAsync(string name, CancellationToken cancellationToken) =>
        ValueTask.FromResult<DateTimeOffset?>(_files.ContainsKey(name) ? _keptAt[name] : null);

    public Stream OpenRead(string name, long from = 0) => new LateStream(this, name, from);

    public string? PathOf(string name) => null;

    public ValueTask DeleteAsync(string name, CancellationToken cancellationToken)
    {
        _files.TryRemove(name, out _);
        return ValueTask.CompletedTask;
    }

    public ValueTask DeleteAllAsync(string prefix, CancellationToken cancellationToken)
    {
        foreach (var name in _files.Keys.Where(n => n.StartsWith(prefix, StringComparison.Ordinal)))
        {
            _files.TryRemove(name, out _);
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask<int> RemoveAbandonedAsync(DateTimeOffset before, CancellationToken cancellationToken) =>
        ValueTask.FromResult(0);

    /// <summary>Forward only, and of unknown length, as an answer over the network is.</summary>
    private sealed class LateStream(MemoryBackend from, string name, long start) : Stream
    {
        private long _at = start;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => _at;
            set => throw new NotSupportedException();
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (!from._files.TryGetValue(name, out var bytes))
            {
                return ValueTask.FromException<int>(new FileNotFoundException("There is no such file.", name));
            }

            var count = (int)Math.Clamp(bytes.Length - _at, 0, buffer.Length);
            bytes.AsMemory((int)Math.Min(_at, bytes.Length), count).CopyTo(buffer);
            _at += count;
            return ValueTask.FromResult(count);
        }

        public override Task<int> ReadAsync(
            byte[] buffer,
            int offset,
            int count,
            CancellationToken cancellationToken
        ) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() => throw new NotSupportedException();
    }
}
