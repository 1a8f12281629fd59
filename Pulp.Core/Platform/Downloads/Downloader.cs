using System.Net;
using System.Net.Http.Headers;
using Polly;
using Polly.Retry;
using Pulp.Core.Platform.Storage;

namespace Pulp.Core.Platform.Downloads;

/// <summary>Fetches from one remote: with its TLS, proxy, credentials and headers, as often and as fast as it allows.</summary>
internal sealed class Downloader : IDisposable
{
    private const int BufferSize = 64 * 1024;

    // The wire sets no limits to these; timers and semaphores do.
    private const int MaxConnections = 1000;
    private const int MaxRetries = 100;
    private const double MaxTotalTimeout = 2_000_000;
    private readonly Remote _remote;
    private readonly HttpClient _client;
    private readonly FileStorage _storage;
    private readonly IReadOnlyList<string> _importPaths;
    private readonly SemaphoreSlim _slots;
    private readonly RequestRate _rate;
    private readonly ResiliencePipeline _retries;
    private readonly TimeSpan _idle;

    public Downloader(
        Remote remote,
        HttpClient client,
        FileStorage storage,
        IReadOnlyList<string> importPaths,
        TimeProvider clock
    )
    {
        _remote = remote;
        _client = client;
        _storage = storage;
        _importPaths = importPaths;
        Concurrency = Connections(remote);
        _slots = new SemaphoreSlim(Concurrency);
        _rate = new RequestRate(remote.RateLimit, clock);
        _idle = Seconds(remote.SockReadTimeout, 60);
        _retries = new ResiliencePipelineBuilder { TimeProvider = clock }
            .AddRetry(
                new RetryStrategyOptions
                {
                    ShouldHandle = new PredicateBuilder().Handle<TransientDownloadException>(),
                    MaxRetryAttempts = (int)Math.Clamp(remote.MaxRetries ?? 3, 1, MaxRetries),
                    BackoffType = DelayBackoffType.Exponential,
                    Delay = TimeSpan.FromMilliseconds(500),
                    MaxDelay = TimeSpan.FromSeconds(60),
                    UseJitter = true,
                    DelayGenerator = args =>
                        ValueTask.FromResult((args.Outcome.Exception as TransientDownloadException)?.RetryAfter),
                }
            )
            .Build();
    }

    public int Concurrency { get; }

    /// <summary>Connections at once: what the remote says, as far as it is sensible.</summary>
    public static int Connections(Remote remote) =>
        (int)Math.Clamp(remote.DownloadConcurrency ?? 10, 1, MaxConnections);

    /// <summary>Fetches a whole file into temporary storage and checks it.</summary>
    /// <exception cref="UpstreamException">It could not be had.</exception>
    /// <exception cref="DigestException">It isn't what was promised.</exception>
    public async Task<TemporaryFile> DownloadAsync(
        string url,
        Expectation expected,
        CancellationToken cancellationToken
    )
    {
        await _slots.WaitAsync(cancellationToken);
        using var total = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (_remote.TotalTimeout is > 0)
        {
            total.CancelAfter(TimeSpan.FromSeconds(Math.Min(_remote.TotalTimeout.Value, MaxTotalTimeout)));
        }

        var transfer = new Transfer(_storage);
        try
        {
            await RetryAsync(token => AttemptAsync(url, transfer, expected, token), total.Token);
            var file = transfer.Take();
            try
            {
                await file.FinishAsync(cancellationToken);
                expected.Verify(SafeUrl(url), file.Size, file.Digests);
                return file;
            }
            catch
            {
                await file.DisposeAsync();
                throw;
            }
        }
        catch (OperationCanceledException error) when (!cancellationToken.IsCancellationRequested)
        {
            throw new UpstreamException($"{SafeUrl(url)} took longer than {_remote.TotalTimeout} seconds.", error);
        }
        catch (TransientDownloadException error)
        {
            throw new UpstreamException(error.Message, error.InnerException) { UpstreamStatus = error.Status };
        }
        finally
        {
            await transfer.DisposeAsync();
            _slots.Release();
        }
    }

    private async Task RetryAsync(Func<CancellationToken, Task> attempt, CancellationToken cancellationToken)
    {
        if (_remote.MaxRetries <= 0)
        {
            await attempt(cancellationToken);
            return;
        }

        await _retries.ExecuteAsync(async token => await attempt(token), cancellationToken);
    }

    /// <summary>Begins a response whose body the caller relays.</summary>
    /// <exception cref="UpstreamException">It could not be had.</exception>
    public async Task<UpstreamBody> OpenAsync(string url, CancellationToken cancellationToken)
    {
        if (ToUri(url) is { IsFile: true } file)
        {
            var stream = OpenFile(file);
            return new UpstreamBody(stream, stream.Length, response: null, _idle);
        }

        try
        {
            var response = await SendAsync(url, from: null, cancellationToken);
            return new UpstreamBody(
                await response.Content.ReadAsStreamAsync(cancellationToken),
                response.Content.Headers.ContentLength,
                response,
                _idle
            );
        }
        catch (TransientDownloadException error)
        {
            throw new UpstreamException(error.Message, error.InnerException) { UpstreamStatus = error.Status };
        }
    }

    private async Task AttemptAsync(
        string url,
        Transfer transfer,
        Expectation expected,
        CancellationToken cancellationToken
    )
    {
        if (ToUri(url) is { IsFile: true } local)
        {
            await using var stream = OpenFile(local);
            await transfer.RestartAsync();
            await transfer.File.AppendAllAsync(stream, expected.Size, cancellationToken);
            return;
        }

        using var response = await SendAsync(url, transfer.Resumable, cancellationToken);
        var continues =
            response.StatusCode == HttpStatusCode.PartialContent
            && response.Content.Headers.ContentRange?.From == transfer.File.Size
            && transfer.File.Size > 0;
        if (!continues)
        {
            await transfer.RestartAsync();
        }

        transfer.Tag = response.Headers.ETag is { IsWeak: false } tag ? tag : null;
        await using var upstream = new UpstreamBody(
            await response.Content.ReadAsStreamAsync(cancellationToken),
            response.Content.Headers.ContentLength,
            response,
            _idle
        );
        await CopyAsync(url, upstream, transfer.File, expected, cancellationToken);
    }

    private static async Task CopyAsync(
        string url,
        UpstreamBody upstream,
        TemporaryFile file,
        Expectation expected,
        CancellationToken cancellationToken
    )
    {
        var buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            long received = 0;
            int read;
            while ((read = await upstream.ReadAsync(url, buffer, cancellationToken)) > 0)
            {
                received += read;
                if (file.Size + read > expected.Size)
                {
                    throw new DigestException(
                        $"{SafeUrl(url)}: the body is longer than the {expected.Size} bytes that were promised."
                    );
                }

                await file.AppendAsync(buffer.AsMemory(0, read), cancellationToken);
            }

            if (upstream.Length is { } promised && received < promised)
            {
                throw new TransientDownloadException(
                    $"{SafeUrl(url)} broke off after {received} of {promised} bytes.",
                    null,
                    null
                );
            }
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task<HttpResponseMessage> SendAsync(
        string url,
        ResumePoint? from,
        CancellationToken cancellationToken
    )
    {
        await _rate.WaitAsync(cancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Get, ToUri(url));
        if (from is not null)
        {
            request.Headers.Range = new RangeHeaderValue(from.Offset, null);
            request.Headers.IfRange = from.Condition;
        }

        try
        {
            var response = await _client.SendAsync(
                request,
                HttpCompletionOption.ResponseHeadersRead,
                cancellationToken
            );
            if (response.IsSuccessStatusCode)
            {
                return response;
            }

            using (response)
            {
                throw Refusal(url, response);
            }
        }
        catch (HttpRequestException error)
        {
            throw new TransientDownloadException($"{SafeUrl(url)} can't be reached: {Reason(error)}", null, error);
        }
        catch (TaskCanceledException error) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TransientDownloadException($"{SafeUrl(url)} didn't answer in time.", null, error);
        }
    }

    private static Exception Refusal(string url, HttpResponseMessage response)
    {
        var status = (int)response.StatusCode;
        var message = $"{SafeUrl(url)} answered {status} {response.ReasonPhrase}.";
        return status is 408 or 429 or >= 500
            ? new TransientDownloadException(message, RetryAfter(response), null) { Status = status }
            : new UpstreamException(message) { UpstreamStatus = status };
    }

    private static TimeSpan? RetryAfter(HttpResponseMessage response)
    {
        var header = response.Headers.RetryAfter;
        var wait = header?.Delta ?? (header?.Date - response.Headers.Date);
        return wait is { Ticks: > 0 } delay
            ? TimeSpan.FromTicks(Math.Min(delay.Ticks, TimeSpan.FromMinutes(5).Ticks))
            : null;
    }

    private FileStream OpenFile(Uri uri)
    {
        var path =
            Remotes.ImportPaths.Resolve(uri, _importPaths)
            ?? throw new UpstreamException($"{SafeUrl(uri.ToString())} is not below an allowed import path.");
        try
        {
            return new FileStream(
                path,
                FileMode.Open,
                FileAccess.Read,
                FileShare.Read,
                BufferSize,
                FileOptions.SequentialScan
            );
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UpstreamException($"{SafeUrl(uri.ToString())} can't be read.", error);
        }
    }

    private static Uri ToUri(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" or "file"
            ? uri!
            : throw new UpstreamException($"'{SafeUrl(url)}' is no address that can be fetched.");

    private static string Reason(HttpRequestException error) =>
        error.InnerException is System.Net.Sockets.SocketException socket
            ? socket.Message
            : error.HttpRequestError.ToString();

    /// <summary>An address for messages: without credentials and query, which may hold a token.</summary>
    public static string SafeUrl(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri)
            ? uri.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped)
            : "an invalid address";

    public static TimeSpan Seconds(double? seconds, double otherwise) =>
        TimeSpan.FromSeconds(Math.Min(seconds is > 0 ? seconds.Value : otherwise, 86_400));

    public void Dispose()
    {
        _client.Dispose();
        _slots.Dispose();
    }
}

/// <summary>Where a broken transfer may go on.</summary>
internal sealed record ResumePoint(RangeConditionHeaderValue Condition, long Offset);

/// <summary>A failure that may pass.</summary>
internal sealed class TransientDownloadException(string message, TimeSpan? retryAfter, Exception? inner)
    : Exception(message, inner)
{
    public TimeSpan? RetryAfter { get; } = retryAfter;

    public int? Status { get; init; }
}

/// <summary>The temporary file of a download over its attempts: kept when the next one can go on where this one broke off.</summary>
internal sealed class Transfer(FileStorage storage) : IAsyncDisposable
{
    private TemporaryFile? _file;

    public TemporaryFile File => _file ??= storage.Begin();

    public EntityTagHeaderValue? Tag { get; set; }

    public ResumePoint? Resumable =>
        Tag is { } tag && File.Size > 0 ? new(new RangeConditionHeaderValue(tag), File.Size) : null;

    public async Task RestartAsync()
    {
        if (_file is { Size: > 0 })
        {
            await _file.DisposeAsync();
            _file = null;
        }
    }

    public TemporaryFile Take()
    {
        var file = File;
        _file = null;
        return file;
    }

    public ValueTask DisposeAsync() => _file?.DisposeAsync() ?? ValueTask.CompletedTask;
}
