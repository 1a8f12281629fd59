using System.Buffers;
using System.Net;
using Polly;
using Polly.Retry;
using Pulp.Core.Platform.Storage;

namespace Pulp.Core.Platform.Downloads;

/// <summary>Fetches from one remote: with its TLS, proxy, credentials and headers, as often and as fast as it allows.</summary>
internal sealed class Downloader : IDisposable
{
    private const int BufferSize = 64 * 1024;

    /// <summary>Answers are read at once and few at a time: only the large ones need a file.</summary>
    private const int AnswerInMemory = 1024 * 1024;

    // The wire sets no limits to these; timers do.
    private const int MaxRetries = 100;
    private const double MaxTotalTimeout = 2_000_000;
    private readonly Remote _remote;
    private readonly UpstreamClient _client;
    private readonly FileStorage _storage;
    private readonly IReadOnlyList<string> _importPaths;
    private readonly SemaphoreSlim _slots;
    private readonly ResiliencePipeline _retries;
    private readonly TimeSpan _idle;

    /// <param name="remote">Whose limits are kept.</param>
    /// <param name="client">Sends the single requests.</param>
    /// <param name="storage">Takes what comes.</param>
    /// <param name="importPaths">Directories that <c>file://</c> may reach.</param>
    /// <param name="longestWait">An upstream that asks for a longer pause has failed.</param>
    /// <param name="clock">Counts the pauses.</param>
    public Downloader(
        Remote remote,
        UpstreamClient client,
        FileStorage storage,
        IReadOnlyList<string> importPaths,
        TimeSpan longestWait,
        TimeProvider clock
    )
    {
        _remote = remote;
        _client = client;
        _storage = storage;
        _importPaths = importPaths;
        Concurrency = RemoteLimits.Connections(remote);
        _slots = new SemaphoreSlim(Concurrency);
        _idle = RemoteLimits.SilenceAllowed(remote);
        _retries = new ResiliencePipelineBuilder { TimeProvider = clock }
            .AddRetry(
                new RetryStrategyOptions
                {
                    ShouldHandle = new PredicateBuilder().Handle<TransientDownloadException>(e =>
                        e.RetryAfter is null || e.RetryAfter <= longestWait
                    ),
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

    /// <summary>Fetches a whole file into temporary storage and checks it.</summary>
    /// <exception cref="UpstreamException">It could not be had.</exception>
    /// <exception cref="DigestException">It isn't what was promised.</exception>
    public async Task<TemporaryFile> DownloadAsync(
        string url,
        Expectation expected,
        CancellationToken cancellationToken
    )
    {
        await using var target = new TemporaryTarget(_storage);
        await DownloadAsync(url, expected, target, cancellationToken);
        return target.Take();
    }

    /// <summary>Fetches a whole file and checks it.</summary>
    /// <exception cref="UpstreamException">It could not be had; the inner exception says whether that may pass.</exception>
    /// <exception cref="DigestException">It isn't what was promised.</exception>
    public Task DownloadAsync(
        string url,
        Expectation expected,
        IDownloadTarget target,
        CancellationToken cancellationToken
    ) => DownloadAsync(new Transfer(UpstreamAddress.Parse(url), expected, target, call: null), cancellationToken);

    /// <summary>Sends a request and takes its answer, the body into temporary storage.</summary>
    /// <exception cref="UpstreamException">It could not be had, or isn't one that the request takes.</exception>
    /// <exception cref="DigestException">The body isn't what was promised.</exception>
    public async Task<TemporaryFile> FetchAsync(UpstreamCall call, CancellationToken cancellationToken)
    {
        await using var target = new TemporaryTarget(_storage, AnswerInMemory);
        var transfer = new Transfer(UpstreamAddress.Parse(call.Url), call.Expected, target, call);
        await DownloadAsync(transfer, cancellationToken);
        return target.Take();
    }

    private async Task DownloadAsync(Transfer transfer, CancellationToken cancellationToken)
    {
        await _slots.WaitAsync(cancellationToken);
        using var total = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (_remote.TotalTimeout is > 0)
        {
            total.CancelAfter(TimeSpan.FromSeconds(Math.Min(_remote.TotalTimeout.Value, MaxTotalTimeout)));
        }

        try
        {
            await RetryAsync(token => AttemptAsync(transfer, token), total.Token);
            var digests = await transfer.Target.FinishAsync(cancellationToken);
            transfer.Expected.Verify(transfer.Name, transfer.Target.Size, digests);
        }
        catch (OperationCanceledException error) when (!cancellationToken.IsCancellationRequested)
        {
            var message = $"{transfer.Name} took longer than {_remote.TotalTimeout} seconds.";
            throw new UpstreamException(message, new TransientDownloadException(message, error) { TimedOut = true });
        }
        catch (TransientDownloadException error)
        {
            throw new UpstreamException(error.Message, error) { UpstreamStatus = error.Status };
        }
        finally
        {
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

    private async Task AttemptAsync(Transfer transfer, CancellationToken cancellationToken)
    {
        await using var body = await OpenAsync(transfer, cancellationToken);
        if (!body.Continues && transfer.Target.Size > 0)
        {
            await transfer.Target.RestartAsync();
        }

        var length = transfer.Target.Size + body.Length;
        if (length is { } announced && transfer.Expected.Size is { } promised && announced != promised)
        {
            throw new DigestException($"{transfer.Name} announces {announced} bytes instead of {promised}.");
        }

        transfer.Limit(length ?? 0);
        transfer.Target.Begin(transfer.Expected.Size ?? length);
        await CopyAsync(transfer, body, cancellationToken);
        if (transfer.Target.Size < (length ?? (body.EndIsCertain ? null : transfer.Expected.Size)))
        {
            throw new TransientDownloadException(
                $"{transfer.Name} broke off after {transfer.Target.Size} of {length ?? transfer.Expected.Size} bytes."
            );
        }
    }

    private async Task<UpstreamBody> OpenAsync(Transfer transfer, CancellationToken cancellationToken)
    {
        if (transfer.Url.IsFile)
        {
            return OpenLocal(transfer);
        }

        var response = await _client.SendAsync(transfer.Url, transfer.Call, transfer.Resumable, cancellationToken);
        transfer.Call?.Take(response);
        transfer.Tag = response.Headers.ETag is { IsWeak: false } tag ? tag : null;
        return new UpstreamBody(
            transfer.Name,
            await response.Content.ReadAsStreamAsync(cancellationToken),
            transfer.Call is { IsHead: true } ? 0 : response.Content.Headers.ContentLength,
            response,
            _idle
        )
        {
            Continues =
                response.StatusCode == HttpStatusCode.PartialContent
                && response.Content.Headers.ContentRange?.From == transfer.Target.Size,
        };
    }

    private UpstreamBody OpenLocal(Transfer transfer)
    {
        try
        {
            var file = LocalFiles.Open(transfer.Url, transfer.Name, _importPaths);
            transfer.Call?.Take(status: 200);
            return new UpstreamBody(transfer.Name, file, file.Length, response: null, _idle);
        }
        catch (UpstreamException error)
            when (error.UpstreamStatus is { } status && transfer.Call?.Accepts(status) == true)
        {
            transfer.Call.Take(status);
            return new UpstreamBody(transfer.Name, Stream.Null, length: 0, response: null, _idle);
        }
    }

    private static async Task CopyAsync(Transfer transfer, UpstreamBody body, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            int read;
            while ((read = await body.ReadAsync(buffer, cancellationToken)) > 0)
            {
                if (transfer.Target.Size + read > transfer.Expected.Size)
                {
                    throw new DigestException(
                        $"{transfer.Name}: the body is longer than the {transfer.Expected.Size} bytes that were promised."
                    );
                }

                // What announces no length may have no end.
                transfer.Limit(transfer.Target.Size + read);
                await transfer.Target.AppendAsync(buffer.AsMemory(0, read), cancellationToken);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public void Dispose()
    {
        _client.Dispose();
        _slots.Dispose();
    }
}
