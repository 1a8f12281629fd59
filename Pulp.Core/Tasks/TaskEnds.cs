using System.Text.Json;

namespace Pulp.Core.Tasks;

/// <summary>Stores how tasks end. What is decided is stored sooner or later, whatever is in the way at the moment.</summary>
internal sealed partial class TaskEnds(
    Database database,
    TaskQueue queue,
    TaskClaims claims,
    IEnumerable<ITaskLeftovers> leftovers,
    TimeProvider clock,
    ILogger<TaskEnds> logger
)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(15);
    private readonly IReadOnlyList<ITaskLeftovers> _leftovers = [.. leftovers];

    /// <summary>Stores a task's end, together with the next claim of its worker where one is wanted.</summary>
    /// <returns>The worker's next task; null when there is none, or none was asked for.</returns>
    public async Task<ClaimedTask?> StoreAsync(
        ClaimedTask task,
        TaskContext? context,
        TaskOutcome outcome,
        WorkerSlot? slot
    )
    {
        // From here on nothing may stop it: the outcome is decided, and a stopping server waits for it.
        var claiming = slot is { Stopping.IsCancellationRequested: false };
        for (
            var pause = TimeSpan.FromSeconds(1);
            ;
            pause = TimeSpan.FromTicks(Math.Min(2 * pause.Ticks, LongestPause.Ticks))
        )
        {
            try
            {
                var next = await database.InRepeatedTransactionAsync(
                    tx => StoreAsync(tx, task.PulpId, context, outcome, claiming ? slot?.Worker : null),
                    CancellationToken.None
                );
                if (logger.IsEnabled(LogLevel.Information))
                {
                    LogEnded(task.PulpId, task.Name, outcome.GetType().Name.ToLowerInvariant(), task.Resources);
                }

                return next;
            }
            catch (TaskLostException)
            {
                LogLost(task.PulpId);
                return null;
            }
            catch (ObjectDisposedException)
            {
                // The process is at its end without having got through: whoever finds its task fails it.
                return null;
            }
            catch (DatabaseUnavailableException)
            {
                // Whether it was committed, nobody knows, nor whether the next task was claimed.
                slot?.IsUncertain |= claiming;
                claiming = false;
            }
            catch (Exception error) when (error is System.Data.Common.DbException && !database.Dialect.IsRefused(error))
            {
                // A full disk, a database that is read-only for a while: it passes.
                LogWaiting(task.PulpId, error.Message);
            }
            catch (Exception error)
            {
                // Something about the outcome itself can't be stored. The task has to end all the same.
                LogUnstorable(task.PulpId, task.Name, error);
                context = null;
                outcome = new TaskOutcome.Failed(
                    JsonSerializer.Serialize(
                        new
                        {
                            traceback = (string?)null,
                            description = $"How the task ended can't be stored. The log has the details under task {task.PulpId}.",
                        }
                    )
                );
            }

            await Task.Delay(pause, clock);
        }
    }

    private async Task<ClaimedTask?> StoreAsync(
        IDb tx,
        Guid task,
        TaskContext? context,
        TaskOutcome outcome,
        Guid? worker
    )
    {
        var claimed = await StoreAsync(tx, task, outcome, context, worker, CancellationToken.None);
        return claimed is not null || worker is not { } more
            ? claimed
            : await claims.ClaimNextAsync(tx, more, CancellationToken.None);
    }

    /// <summary>Ends a task whose process is gone, in the given transaction.</summary>
    /// <exception cref="TaskLostException">It was ended by somebody else: nothing of the transaction may be kept.</exception>
    public Task StoreAsync(IDb tx, Guid task, TaskOutcome outcome, CancellationToken cancellationToken) =>
        StoreAsync(tx, task, outcome, context: null, claimant: null, cancellationToken);

    /// <returns>The next task of the worker that wants one, where that was quick to find.</returns>
    private async Task<ClaimedTask?> StoreAsync(
        IDb tx,
        Guid task,
        TaskOutcome outcome,
        TaskContext? context,
        Guid? claimant,
        CancellationToken cancellationToken
    )
    {
        var now = clock.GetUtcNow();
        var (state, error, result) = outcome switch
        {
            TaskOutcome.Completed completed => (TaskStates.Completed, (string?)null, completed.ResultJson),
            TaskOutcome.Failed failed => (TaskStates.Failed, failed.ErrorJson, null),
            TaskOutcome.Canceled { Reason: { } reason } => (
                TaskStates.Canceled,
                JsonSerializer.Serialize(new { reason }),
                null
            ),
            _ => (TaskStates.Canceled, null, null),
        };
        // Its own process has come to the end of it. Anybody else waits until nothing of it is being written: see WriteCondition.
        var alone = context is null ? Sql.For("for update", "") : Sql.For("", "");
        var (runnable, claimed) = await queue.EndAsync(
            tx,
            task,
            $"""
            update core_task set state = {state}, error = {Json(error)}, result = {Json(result)}, finished_at = {now},
                                 pulp_last_updated = {now}, worker_id = null
             where pulp_id = (select pulp_id from core_task where pulp_id = {task} and state in ('running', 'canceling') {alone})
               and state in ('running', 'canceling')
            returning {TellWaiters}
            """,
            context?.Store(state) ?? [],
            claimant is { } worker ? claims.QuickClaim(worker) : null,
            cancellationToken
        );
        database.Signals.RaiseAfterCommit(tx, TaskChannels.Ended, task.ToString());
        if (outcome is not TaskOutcome.Completed)
        {
            foreach (var leftover in _leftovers)
            {
                await leftover.RemoveAsync(tx, task, cancellationToken);
            }

            await tx.ExecuteAsync(
                $"update core_progressreport set state = {state} where task_id = {task} and state in ('running', 'waiting')",
                cancellationToken
            );
        }

        // One that became runnable is for the worker that ended this one; more are for those who wait.
        if (runnable > (claimant is null ? 0 : 1))
        {
            await database.Signals.NotifyAsync(tx, TaskChannels.Runnable, "", cancellationToken);
        }

        return claimed is null ? null : TaskClaims.Read(claimed);
    }

    /// <summary>Tells other processes of an end that somebody waits for; it costs no statement of its own, and nothing otherwise.</summary>
    public static SqlAlternative TellWaiters { get; } =
        Sql.For(
            "pulp_id, case when awaited then cast(pg_notify('pulp_task_ends', cast(pulp_id as text)) as text) end",
            "pulp_id"
        );

    /// <summary>Ends a task that nobody runs; false when somebody else has.</summary>
    public async Task<bool> TryStoreAsync(Guid task, TaskOutcome outcome, CancellationToken cancellationToken)
    {
        try
        {
            return await database.InRepeatedTransactionAsync(
                async tx =>
                {
                    await StoreAsync(tx, task, outcome, cancellationToken);
                    return true;
                },
                cancellationToken
            );
        }
        catch (TaskLostException)
        {
            return false;
        }
    }

    private static object? Json(string? text) => text is null ? null : new JsonText(text);

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Task {TaskId} ({Name}) {Outcome}; it had reserved [{Resources}]",
        SkipEnabledCheck = true
    )]
    private partial void LogEnded(Guid taskId, string name, string outcome, string resources);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Task {TaskId} was ended by somebody else: this process was thought to be gone"
    )]
    private partial void LogLost(Guid taskId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The end of task {TaskId} is stored later: {Reason}")]
    private partial void LogWaiting(Guid taskId, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "How task {TaskId} ({Name}) ended can't be stored")]
    private partial void LogUnstorable(Guid taskId, string name, Exception error);
}
