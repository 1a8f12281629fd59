using System.Collections.Concurrent;

namespace Pulp.Core.Tasks;

/// <summary>
/// Tasks that are stored as running and aren't, because the answer to their claim never came: they wait again, or have ended.
/// </summary>
internal sealed class UnstartedTasks(Database database, TaskEnds ends)
{
    private readonly ConcurrentDictionary<Guid, bool> _unstarted = [];

    /// <summary>Puts back what an idle worker claimed without learning of it.</summary>
    public Task GiveBackAsync(Guid worker, CancellationToken cancellationToken) =>
        GiveBackAsync($"worker_id = {worker}", cancellationToken);

    /// <summary>Notes a task that may have been stored as running here, and isn't.</summary>
    public void NeverStarted(Guid task) => _unstarted.TryAdd(task, true);

    /// <summary>Puts back the tasks that were stored as running in this process without our learning of it.</summary>
    public async Task GiveBackUnstartedAsync(Guid self, CancellationToken cancellationToken)
    {
        Guid[] unstarted = [.. _unstarted.Keys];
        if (unstarted.Length > 0)
        {
            // Whoever else runs one of them has claimed it in the ordinary way.
            await GiveBackAsync($"worker_id = {self} and pulp_id in {unstarted}", cancellationToken);
            foreach (var task in unstarted)
            {
                _unstarted.TryRemove(task, out _);
            }
        }
    }

    /// <summary>Tasks that were claimed and never started wait again; one that is to be cancelled meanwhile has ended.</summary>
    private async Task GiveBackAsync(SqlText which, CancellationToken cancellationToken)
    {
        var waiting = await database.ExecuteAsync(
            $"update core_task set state = 'waiting', worker_id = null, started_at = null where {which} and state = 'running'",
            cancellationToken
        );
        if (waiting > 0)
        {
            await database.Signals.NotifyAsync(database, TaskChannels.Runnable, "", cancellationToken);
        }

        var canceling = await database.QueryAsync<Guid>(
            $"select pulp_id from core_task where {which} and state = 'canceling'",
            cancellationToken
        );
        foreach (var task in canceling)
        {
            await ends.TryStoreAsync(task, new TaskOutcome.Canceled(null), cancellationToken);
        }
    }
}
