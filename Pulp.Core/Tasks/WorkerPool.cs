using Pulp.Core.Platform.Background;
using Pulp.Core.Platform.Settings;

namespace Pulp.Core.Tasks;

/// <summary>The process's workers. Each runs one task at a time; all are woken when something may have become runnable.</summary>
internal sealed class WorkerPool(
    Database database,
    TaskClaims claims,
    TaskExecutor executor,
    UnstartedTasks unstarted,
    Heartbeats heartbeats,
    PulpSettings settings,
    TimeProvider clock,
    ILogger<WorkerPool> logger
) : BackgroundService
{
    /// <summary>A missed signal costs at most this long.</summary>
    private static readonly TimeSpan SafetyPoll = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    /// <summary>How long the ends of tasks may take to be stored when the server stops.</summary>
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(5);
    private readonly WakeUp _wakeUp = new();
    private readonly CancellationTokenSource _grace = new();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        database.Signals.Subscribe(TaskChannels.Runnable, _ => _wakeUp.Wake());
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
        using var given = new CancellationTokenSource(
            TimeSpan.FromSeconds(settings.TaskGraceInterval) + LastWords,
            clock
        );
        // Whose end can't be stored by then stays as it is: whoever finds that this process is gone fails it.
        await base.StopAsync(given.Token);
    }

    private async Task WorkAsync(AppRow worker, CancellationToken stoppingToken)
    {
        var slot = new WorkerSlot(worker.Id, stoppingToken);
        var turns = new Turns($"Worker {worker.Name}", SafetyPoll, clock, logger);
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                // Taken before looking: a signal that comes while we look isn't lost.
                var next = _wakeUp.Next;
                var worked = false;
                if (!await turns.TryAsync(async _ => worked = await WorkAsync(slot), stoppingToken))
                {
                    await Task.Delay(Pause, clock, stoppingToken);
                }
                else if (!worked)
                {
                    await next.WaitAsync(SafetyPoll, clock, stoppingToken)
                        .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }

        if (slot.IsUncertain)
        {
            await turns.TryAsync(_ => unstarted.GiveBackAsync(slot.Worker, CancellationToken.None), _grace.Token);
        }
    }

    /// <summary>Works until no task waits; false when none did.</summary>
    private async Task<bool> WorkAsync(WorkerSlot slot)
    {
        var first = await ClaimAsync(slot);
        // As long as the end of one brings the next.
        for (var task = first; task is not null; )
        {
            task = await executor.RunAsync(task, slot, _grace.Token);
        }

        return first is not null;
    }

    /// <summary>Claims a task; what may have been claimed without our knowing goes back first.</summary>
    private async Task<ClaimedTask?> ClaimAsync(WorkerSlot slot)
    {
        if (slot.IsUncertain)
        {
            await unstarted.GiveBackAsync(slot.Worker, slot.Stopping);
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

    /// <summary>Wakes everybody who waits; who comes later waits for the next beat.</summary>
    private sealed class WakeUp
    {
        private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Next => Volatile.Read(ref _next).Task;

        public void Wake() =>
            Interlocked
                .Exchange(ref _next, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously))
                .TrySetResult();
    }
}
