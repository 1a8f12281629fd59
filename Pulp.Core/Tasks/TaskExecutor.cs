using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Platform.Storage;
using Pulp.Core.Tasks.Profiles;

namespace Pulp.Core.Tasks;

/// <summary>Runs a claimed task to its end: whatever happens, it ends in a final state and holds nothing any more.</summary>
internal sealed partial class TaskExecutor(
    Database database,
    TaskEnds ends,
    TaskRegistry registry,
    TaskProfiles profiles,
    SecretBox secrets,
    DomainDirectory domains,
    ProcessIdentity process,
    IServiceProvider services,
    ILogger<TaskExecutor> logger
)
{
    private readonly ConcurrentDictionary<Guid, CancellationTokenSource> _running = [];

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
        // A task that another one runs at once answers for itself.
        database.WriteOnlyWhile(null);
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        _running[task.PulpId] = cancel;
        using var logged = logger.BeginScope(new CorrelationScope(task.LoggingCid.Length > 0 ? task.LoggingCid : null));
        var recorded = profiles.Begin(task);
        if (logger.IsEnabled(LogLevel.Information))
        {
            LogStarted(task.PulpId, task.Name, task.Resources);
        }

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
        }

        RemoveWorkingDirectory(context);
        await profiles.KeepAsync(task.PulpId, recorded);
        return await ends.StoreAsync(task, context, outcome, slot);
    }

    private void RemoveWorkingDirectory(TaskContext context)
    {
        try
        {
            context.RemoveWorkingDirectory();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The task ends whatever has become of its directory; directories of tasks that have ended are looked for.
            LogNotRemoved(context.TaskId, error.Message);
        }
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
        // Whoever takes this process for dead fails the task and removes what it left. Nothing of it may be written afterwards.
        database.WriteOnlyWhile(
            new WriteCondition(
                $"""
                select 1 from core_task
                 where pulp_id = {task.PulpId} and state in ('running', 'canceling') {Sql.For("for key share", "")}
                """,
                () => new TaskLostException()
            )
        );
        var type =
            registry.Find(task.Name)
            ?? throw new ConflictException($"No installed component knows the task '{task.Name}'.");
        context.Domain =
            await domains.FindAsync(task.PulpDomainId, cancellationToken)
            ?? throw new ConflictException("The domain of the task is gone.");
        var args = task.EncArgs.StartsWith('{') ? task.EncArgs : secrets.Open(task.EncArgs);
        await using var scope = services.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<RequestOrigin>().Value = context.ChildOrigin;
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
        if (DiskException.Known(error) is { } known)
        {
            LogRefused(task.PulpId, task.Name, known == error ? known.Message : $"{known.Message} {error.Message}");
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

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Task {TaskId} ({Name}) starts; it has reserved [{Resources}]",
        SkipEnabledCheck = true
    )]
    private partial void LogStarted(Guid taskId, string name, string resources);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Task {TaskId} ({Name}) failed: {Reason}")]
    private partial void LogRefused(Guid taskId, string name, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Task {TaskId} ({Name}) failed unexpectedly")]
    private partial void LogFailed(Guid taskId, string name, Exception error);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The working directory of task {TaskId} can't be removed now, and will be later: {Reason}"
    )]
    private partial void LogNotRemoved(Guid taskId, string reason);
}
