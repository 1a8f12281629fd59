namespace Pulp.Core.Platform.Downloads;

/// <summary>A body that comes in; a silence longer than the idle timeout ends it.</summary>
internal sealed class UpstreamBody(
    string name,
    Stream stream,
    long? length,
    HttpResponseMessage? response,
    TimeSpan idle
) : IAsyncDisposable
{
    /// <summary>What is to come, where that is known.</summary>
    public long? Length { get; } = length;

    /// <summary>It goes on where an earlier attempt broke off.</summary>
    public bool Continues { get; init; }

    /// <summary>Whether its end can be told from a connection that was lost.</summary>
    public bool EndIsCertain =>
        response is null || Length is not null || response.Headers.TransferEncodingChunked == true;

    /// <exception cref="TransientDownloadException">It broke off or fell silent.</exception>
    public async Task<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        silence.CancelAfter(idle);
        try
        {
            return await stream.ReadAsync(buffer, silence.Token);
        }
        catch (OperationCanceledException error) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TransientDownloadException($"{name} sent nothing for {idle.TotalSeconds} seconds.", error)
            {
                TimedOut = true,
            };
        }
        catch (Exception error) when (error is IOException or HttpRequestException)
        {
            throw new TransientDownloadException($"{name} broke off: {error.Message}", error);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stream.DisposeAsync();
        response?.Dispose();
    }
}
