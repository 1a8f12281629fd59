using Pulp.Core.Platform.Settings;

namespace Pulp.Core.Tasks;

/// <summary>The process's workers. Each runs one task at a time; all are woken when something may have become runnable.</summary>
internal sealed partial class WorkerPool(
    Database database,
    TaskClaims claims,
    TaskExecutor executor,
    Heartbeats heartbeats,
    PulpSettings settings,
    TimeProvider clock,
    ILogger<WorkerPool> logger
) : BackgroundService
{
    /// <summary>A missed signal costs at most this long.</summary>
    private static readonly TimeSpan SafetyPoll = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);
    private readonly System.Collections.Concurrent.ConcurrentDictionary<Guid, bool> _uncertain = [];
    private readonly Pulse _pulse = new();
    private readonly CancellationTokenSource _grace = new();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        database.Signals.Subscribe(Signals.Tasks, _ => _pulse.Beat());
        await heartbeats.Registered.WaitAsync(stoppingToken);
        var workers = heartbeats
            .Rows.Where(r => r.AppType == "worker")
            .Select(r => Task.Run(() => WorkAsync(r, stoppingToken), stoppingToken));
        await Task.WhenAll(workers);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        // No new tasks from here; those that run get their grace.
        _grace.CancelAfter(TimeSpan.FromSeconds(settings.TaskGraceInterval));
        await using var second = cancellationToken.UnsafeRegister(
            state => ((CancellationTokenSource?)state)?.Cancel(),
            _grace
        );
        await base.StopAsync(CancellationToken.None);
        _grace.Dispose();
    }

    private async Task WorkAsync(AppRow worker, CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            // Taken before looking: a signal that comes while we look isn't lost.
            var next = _pulse.Next;
            try
            {
                if (await ClaimAsync(worker, stoppingToken) is { } task)
                {
                    await executor.RunAsync(task, _grace.Token);
                    continue;
                }

                await next.WaitAsync(SafetyPoll, clock, stoppingToken);
            }
            catch (TimeoutException)
            {
                // Look again.
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                if (error is DatabaseUnavailableException)
                {
                    LogNoDatabase(worker.Name, error.InnerException?.Message ?? error.Message);
                }
                else
                {
                    LogFailed(worker.Name, error);
                }

                await Task.Delay(Pause, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>
    /// Claims a task. When the answer to a claim is lost, the task may be ours without our knowing: it hasn't been started, so it
    /// goes back before the next claim.
    /// </summary>
    private async Task<ClaimedTask?> ClaimAsync(AppRow worker, CancellationToken stoppingToken)
    {
        if (_uncertain.ContainsKey(worker.Id))
        {
            await claims.GiveBackAsync(worker.Id, stoppingToken);
            _uncertain.TryRemove(worker.Id, out _);
        }

        try
        {
            return await claims.ClaimNextAsync(worker.Id, stoppingToken);
        }
        catch
        {
            _uncertain[worker.Id] = true;
            throw;
        }
    }

    public override void Dispose()
    {
        _grace.Dispose();
        base.Dispose();
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Worker {Name} failed to take or end a task")]
    private partial void LogFailed(string name, Exception error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Worker {Name} waits for the database: {Reason}")]
    private partial void LogNoDatabase(string name, string reason);

    /// <summary>Wakes everybody who waits; who comes later waits for the next beat.</summary>
    private sealed class Pulse
    {
        private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Next => Volatile.Read(ref _next).Task;

        public void Beat() =>
            Interlocked
                .Exchange(ref _next, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously))
                .TrySetResult();
    }
}
