namespace Pulp.Core.Platform.Storage;

/// <summary>A stream that writes into a temporary file, buffered, while its digests are computed.</summary>
internal sealed class DigestingStream(TemporaryFile file, CancellationToken cancellationToken) : Stream
{
    private readonly byte[] _buffer = new byte[64 * 1024];
    private int _used;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => file.Size + _used;

    public override long Position
    {
        get => Length;
        set => throw new NotSupportedException("Only written forward.");
    }

    public override async ValueTask WriteAsync(
        ReadOnlyMemory<byte> buffer,
        CancellationToken cancellationToken = default
    )
    {
        if (buffer.Length > _buffer.Length - _used)
        {
            await FlushAsync(cancellationToken);
        }

        if (buffer.Length > _buffer.Length)
        {
            await file.AppendAsync(buffer, cancellationToken);
            return;
        }

        buffer.CopyTo(_buffer.AsMemory(_used));
        _used += buffer.Length;
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        if (_used > 0)
        {
            await file.AppendAsync(_buffer.AsMemory(0, _used), cancellationToken);
            _used = 0;
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await FlushAsync(cancellationToken);
        await base.DisposeAsync();
    }

    public override void Flush() => throw new NotSupportedException("Flush asynchronously.");

    public override void Write(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException("Write asynchronously.");

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Write only.");

    public override long Seek(long offset, SeekOrigin origin) =>
        throw new NotSupportedException("Only written forward.");

    public override void SetLength(long value) => throw new NotSupportedException("Only written forward.");
}
