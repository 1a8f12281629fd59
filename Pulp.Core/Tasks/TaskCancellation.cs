namespace Pulp.Core.Tasks;

/// <summary>Cancels tasks: a waiting one at once, a running one by telling its process.</summary>
internal sealed class TaskCancellation(Database database, TaskQueue queue, TaskExecutor executor, TimeProvider clock)
    : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        database.Signals.Subscribe(TaskChannels.Cancel, payload => _ = OnSignalAsync(payload));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Asks for the end of a task; false when it has ended already.</summary>
    public Task<bool> CancelAsync(Guid task, CancellationToken cancellationToken) =>
        database.InTransactionAsync(
            async tx =>
            {
                var now = clock.GetUtcNow();
                await TaskQueue.LockAsync(tx, task, cancellationToken);
                var waiting = await tx.ExecuteAsync(
                    $"""
                    update core_task set state = 'canceled', finished_at = {now}, pulp_last_updated = {now}
                     where pulp_id = {task} and state = 'waiting'
                    """,
                    cancellationToken
                );
                if (waiting > 0)
                {
                    await database.Signals.NotifyAsync(tx, TaskChannels.Ended, task.ToString(), cancellationToken);
                    if (await queue.ReleaseAsync(tx, task, cancellationToken) > 0)
                    {
                        await database.Signals.NotifyAsync(tx, TaskChannels.Runnable, "", cancellationToken);
                    }

                    return true;
                }

                var running = await tx.ExecuteAsync(
                    $"""
                    update core_task set state = 'canceling', pulp_last_updated = {now}
                     where pulp_id = {task} and state in ('running', 'canceling')
                    """,
                    cancellationToken
                );
                if (running > 0)
                {
                    await database.Signals.NotifyAsync(tx, TaskChannels.Cancel, task.ToString(), cancellationToken);
                }

                return running > 0;
            },
            cancellationToken
        );

    private async Task OnSignalAsync(string payload)
    {
        if (Guid.TryParse(payload, out var task))
        {
            executor.Cancel(task);
            return;
        }

        // Something was missed: look which of ours are to be cancelled.
        var running = executor.RunningTasks;
        if (running.Count > 0)
        {
            var canceling = await database.QueryAsync<Guid>(
                $"select pulp_id from core_task where state = 'canceling' and pulp_id in {running}",
                CancellationToken.None
            );
            foreach (var one in canceling)
            {
                executor.Cancel(one);
            }
        }
    }
}
