using Pulp.Core.Platform.Storage;

namespace Pulp.Core.Platform.Downloads;

/// <summary>Where the bytes of a download go, over all attempts it takes.</summary>
internal interface IDownloadTarget
{
    /// <summary>Bytes so far: a later attempt may go on behind them.</summary>
    long Size { get; }

    /// <summary>An attempt brings everything from the beginning: what earlier ones brought is dropped.</summary>
    /// <exception cref="UpstreamException">It can't be dropped any more.</exception>
    Task RestartAsync();

    /// <summary>A source has answered; the length of the whole, where it is known.</summary>
    void Begin(long? length);

    ValueTask AppendAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken);

    /// <summary>All bytes are there.</summary>
    Task<Digests> FinishAsync(CancellationToken cancellationToken);
}

/// <summary>A temporary file that is given away when it is whole.</summary>
internal sealed class TemporaryTarget(FileStorage storage, int memoryLimit = TemporaryFile.MemoryLimit)
    : IDownloadTarget,
        IAsyncDisposable
{
    private TemporaryFile? _file;

    private TemporaryFile File => _file ??= storage.Begin(memoryLimit: memoryLimit);

    public long Size => _file?.Size ?? 0;

    public async Task RestartAsync()
    {
        await DisposeAsync();
        _file = null;
    }

    public void Begin(long? length)
    {
        // Nobody waits for its beginning.
    }

    public ValueTask AppendAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken) =>
        File.AppendAsync(data, cancellationToken);

    public async Task<Digests> FinishAsync(CancellationToken cancellationToken)
    {
        await File.FinishAsync(cancellationToken);
        return File.Digests;
    }

    public TemporaryFile Take()
    {
        var file = File;
        _file = null;
        return file;
    }

    public ValueTask DisposeAsync() => _file?.DisposeAsync() ?? ValueTask.CompletedTask;
}
