namespace Pulp.Core.Platform.Downloads;

/// <summary>A body that comes in; a silence longer than the idle timeout ends it.</summary>
internal sealed class UpstreamBody(Stream stream, long? length, HttpResponseMessage? response, TimeSpan idle)
    : IAsyncDisposable
{
    public long? Length { get; } = length;

    /// <exception cref="TransientDownloadException">It broke off or fell silent.</exception>
    public async Task<int> ReadAsync(string url, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        silence.CancelAfter(idle);
        try
        {
            return await stream.ReadAsync(buffer, silence.Token);
        }
        catch (OperationCanceledException error) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TransientDownloadException(
                $"{Downloader.SafeUrl(url)} sent nothing for {idle.TotalSeconds} seconds.",
                null,
                error
            );
        }
        catch (Exception error) when (error is IOException or HttpRequestException)
        {
            throw new TransientDownloadException($"{Downloader.SafeUrl(url)} broke off.", null, error);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stream.DisposeAsync();
        response?.Dispose();
    }
}

/// <summary>Spaces requests evenly, so that no second sees more than allowed.</summary>
internal sealed class RequestRate(long? perSecond, TimeProvider clock)
{
    private readonly Lock _lock = new();
    private long _next = clock.GetTimestamp();

    public async ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        if (perSecond is not > 0)
        {
            return;
        }

        TimeSpan wait;
        lock (_lock)
        {
            var now = clock.GetTimestamp();
            var slot = Math.Max(_next, now);
            _next = slot + (clock.TimestampFrequency / perSecond.Value);
            wait = clock.GetElapsedTime(now, slot);
        }

        if (wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, clock, cancellationToken);
        }
    }
}
