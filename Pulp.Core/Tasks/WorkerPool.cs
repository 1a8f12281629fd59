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
        var slot = new WorkerSlot(worker.Id, stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            // Taken before looking: a signal that comes while we look isn't lost.
            var next = _pulse.Next;
            try
            {
                if (await ClaimAsync(slot) is { } first)
                {
                    // As long as the end of one brings the next.
                    for (var task = first; task is not null; )
                    {
                        task = await executor.RunAsync(task, slot, _grace.Token);
                    }

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

    /// <summary>Claims a task; what may have been claimed without our knowing goes back first.</summary>
    private async Task<ClaimedTask?> ClaimAsync(WorkerSlot slot)
    {
        if (slot.IsUncertain)
        {
            await claims.GiveBackAsync(slot.Worker, slot.Stopping);
            slot.IsUncertain = false;
        }

        try
        {
            return await claims.ClaimNextAsync(slot.Worker, slot.Stopping);
        }
        catch
        {
            slot.IsUncertain = true;
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
