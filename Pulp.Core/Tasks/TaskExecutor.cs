using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using Pulp.Core.Platform.Resources;

namespace Pulp.Core.Tasks;

/// <summary>Runs a claimed task to its end: whatever happens, it ends in a final state and holds nothing any more.</summary>
internal sealed partial class TaskExecutor(
    Database database,
    TaskQueue queue,
    TaskClaims claims,
    TaskRegistry registry,
    SecretBox secrets,
    ProcessIdentity process,
    IServiceProvider services,
    IEnumerable<ITaskLeftovers> leftovers,
    TimeProvider clock,
    ILogger<TaskExecutor> logger
)
{
    private readonly ConcurrentDictionary<Guid, CancellationTokenSource> _running = [];
    private readonly IReadOnlyList<ITaskLeftovers> _leftovers = [.. leftovers];

    /// <summary>This process as the one that runs immediate tasks.</summary>
    public Guid Self => process.ApiId;

    /// <summary>The process is known to the database, so that its death would be noticed.</summary>
    public bool CanRunImmediately => process.IsRegistered;

    public int RunningCount => _running.Count;

    /// <summary>Runs the task. Its end is stored together with the worker's next claim, where one is wanted.</summary>
    /// <param name="task">The task.</param>
    /// <param name="slot">The worker that goes on with the next task; null where none does.</param>
    /// <param name="stopping">The server's last word to what runs.</param>
    /// <returns>The worker's next task; null when there is none, or none was asked for.</returns>
    public async Task<ClaimedTask?> RunAsync(ClaimedTask task, WorkerSlot? slot, CancellationToken stopping)
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        _running[task.PulpId] = cancel;
        LogStarted(task.PulpId, task.Name, task.LoggingCid);
        var context = new TaskContext(task, services);
        TaskOutcome outcome;
        try
        {
            outcome = await InvokeAsync(task, context, cancel.Token);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            outcome = stopping.IsCancellationRequested
                ? new TaskOutcome.Failed(JsonSerializer.Serialize(new { reason = "Aborted during worker shutdown." }))
                : new TaskOutcome.Canceled(null);
        }
        catch (Exception error)
        {
            outcome = new TaskOutcome.Failed(Describe(task, error));
        }
        finally
        {
            _running.TryRemove(task.PulpId, out _);
            context.RemoveWorkingDirectory();
        }

        return await EndAsync(task, context, outcome, slot);
    }

    /// <summary>Stops a task that runs here; false when it doesn't.</summary>
    public bool Cancel(Guid task)
    {
        if (!_running.TryGetValue(task, out var cancel))
        {
            return false;
        }

        try
        {
            cancel.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It ended in this very moment.
        }

        return true;
    }

    public IReadOnlyCollection<Guid> RunningTasks => [.. _running.Keys];

    private async Task<TaskOutcome> InvokeAsync(
        ClaimedTask task,
        TaskContext context,
        CancellationToken cancellationToken
    )
    {
        var type =
            registry.Find(task.Name)
            ?? throw new ConflictException($"No installed component knows the task '{task.Name}'.");
        var args = task.EncArgs.StartsWith('{') ? task.EncArgs : secrets.Open(task.EncArgs);
        await using var scope = services.CreateAsyncScope();
        var result = await type.RunAsync(scope.ServiceProvider, args, context, cancellationToken);
        return new TaskOutcome.Completed(
            result switch
            {
                null => null,
                ReadOnlyMemory<byte> json => System.Text.Encoding.UTF8.GetString(json.Span),
                _ => JsonSerializer.Serialize(result, WireJson.Options),
            }
        );
    }

    private string Describe(ClaimedTask task, Exception error)
    {
        if (error is PulpException known)
        {
            LogRefused(task.PulpId, task.Name, known.Message);
            return JsonSerializer.Serialize(
                new
                {
                    traceback = (string?)null,
                    description = $"[{known.Code}] {known.Message}",
                    error_code = known.Code,
                },
                WireJson.Options
            );
        }

        // What nobody foresaw may hold anything: it goes to the log, not to the client.
        LogFailed(task.PulpId, task.Name, error);
        var description =
            error is CryptographicException
                ? "A stored secret can't be decrypted: the database's key has changed."
                : $"An internal error occurred. The log has the details under task {task.PulpId}.";
        return JsonSerializer.Serialize(new { traceback = (string?)null, description }, WireJson.Options);
    }

    private async Task<ClaimedTask?> EndAsync(
        ClaimedTask task,
        TaskContext context,
        TaskOutcome outcome,
        WorkerSlot? slot
    )
    {
        // From here on nothing may stop it: the outcome is decided, and a stopping server waits for it.
        var claiming = slot is { Stopping.IsCancellationRequested: false };
        while (true)
        {
            try
            {
                var next = await database.InTransactionAsync(
                    async tx =>
                    {
                        var worker = claiming ? slot?.Worker : null;
                        var claimed = await EndAsync(tx, task.PulpId, outcome, context, worker, CancellationToken.None);
                        return claimed is not null || worker is not { } more
                            ? claimed
                            : await claims.ClaimNextAsync(tx, more, CancellationToken.None);
                    },
                    CancellationToken.None
                );
                LogEnded(task.PulpId, task.Name, outcome.GetType().Name);
                return next;
            }
            catch (TaskLostException)
            {
                LogLost(task.PulpId);
                return null;
            }
            catch (Exception error) when (database.Dialect.IsDeadlock(error))
            {
                // Nothing of it was kept: at once again.
                LogDeadlock(task.PulpId, error.Message);
            }
            catch (DatabaseUnavailableException)
            {
                // Whether it was committed, nobody knows, nor whether the next task was claimed.
                slot?.IsUncertain |= claiming;
                claiming = false;
                LogWaitingForDatabase(task.PulpId);
                await Task.Delay(TimeSpan.FromSeconds(1), clock);
            }
        }
    }

    /// <summary>Ends a task in the given transaction; also for tasks whose process is gone.</summary>
    /// <returns>The next task of the worker that wants one, where that was quick to find.</returns>
    /// <exception cref="TaskLostException">It was ended by somebody else: nothing of the transaction may be kept.</exception>
    public async Task<ClaimedTask?> EndAsync(
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
        var (runnable, claimed) = await queue.EndAsync(
            tx,
            task,
            $"""
            update core_task set state = {state}, error = {Json(error)}, result = {Json(result)}, finished_at = {now},
                                 pulp_last_updated = {now}, worker_id = null
             where pulp_id = {task} and state in ('running', 'canceling')
            returning pulp_id
            """,
            context?.Store(state) ?? [],
            claimant is { } worker ? claims.QuickClaim(worker) : null,
            cancellationToken
        );
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
            await database.Signals.NotifyAsync(tx, Signals.Tasks, "", cancellationToken);
        }

        return claimed is null ? null : TaskClaims.Read(claimed);
    }

    private static object? Json(string? text) => text is null ? null : new JsonText(text);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Task {TaskId} ({Name}) starts, correlation {CorrelationId}")]
    private partial void LogStarted(Guid taskId, string name, string correlationId);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Task {TaskId} ({Name}) ended: {Outcome}")]
    private partial void LogEnded(Guid taskId, string name, string outcome);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Task {TaskId} ({Name}) failed: {Reason}")]
    private partial void LogRefused(Guid taskId, string name, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Task {TaskId} ({Name}) failed unexpectedly")]
    private partial void LogFailed(Guid taskId, string name, Exception error);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Task {TaskId} was ended by somebody else: this process was thought to be gone"
    )]
    private partial void LogLost(Guid taskId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The outcome of task {TaskId} is stored again: {Reason}")]
    private partial void LogDeadlock(Guid taskId, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The outcome of task {TaskId} waits for the database")]
    private partial void LogWaitingForDatabase(Guid taskId);
}
