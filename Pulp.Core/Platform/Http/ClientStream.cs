namespace Pulp.Core.Platform.Http;

/// <summary>
/// What a client sends, read forwards. A body that breaks off, or whose framing is senseless, is the client's fault: without this it
/// would look like a failure of our own files.
/// </summary>
internal sealed class ClientStream(Stream sent) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        ReadAsync(() => sent.ReadAsync(buffer, cancellationToken));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException("Requests are read asynchronously.");

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <exception cref="BadRequestException">The request can't be read to its end.</exception>
    public static async ValueTask<T> ReadAsync<T>(Func<ValueTask<T>> read)
    {
        try
        {
            return await read();
        }
        catch (IOException error) when (error is not BadHttpRequestException)
        {
            throw new BadRequestException("The request's body is incomplete or can't be read.");
        }
    }
}
