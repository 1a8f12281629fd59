using System.Text.Json;
using Pulp.Core.Platform.Settings;

namespace Pulp.Core.Tasks;

/// <summary>
/// Looks for processes that are gone: their tasks are failed, what those left half-made is removed, and whatever waited behind
/// them goes on.
/// </summary>
internal sealed partial class TaskRecovery(
    Database database,
    TaskEnds ends,
    WorkingDirectories directories,
    ProcessIdentity process,
    PulpSettings settings,
    TimeProvider clock,
    ILogger<TaskRecovery> logger
)
{
    private readonly Sightings _sightings = new(2 * Heartbeats.IntervalOf(settings), clock);

    private static TaskOutcome Gone =>
        new TaskOutcome.Failed(JsonSerializer.Serialize(new { reason = "Worker has gone missing." }));

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var others = await database.QueryAsync<OtherProcess>(
            $"select pulp_id, name, app_type, ttl_seconds, last_heartbeat, process from core_appstatus where process <> {process.Key}",
            cancellationToken
        );
        var silent = _sightings.Look(others);
        foreach (var dead in others.Where(o => silent.Contains(o) || ProcessIdentity.IsCertainlyGone(o.Process)))
        {
            var failed = await database.InRepeatedTransactionAsync(
                tx => RemoveAsync(tx, dead, cancellationToken),
                cancellationToken
            );
            if (failed is { } count)
            {
                LogDead(dead.AppType, dead.Name, count);
            }
        }

        await FailUnownedAsync(cancellationToken);
        await directories.RemoveAbandonedAsync(cancellationToken);
    }

    /// <summary>Removes a process and fails its tasks; answers how many, null when it has beaten meanwhile.</summary>
    private async Task<int?> RemoveAsync(IDb tx, OtherProcess dead, CancellationToken cancellationToken)
    {
        // Whoever has the row does the rest; a heartbeat that came in between wins.
        var mine = await tx.ExecuteAsync(
            $"update core_appstatus set process = process where pulp_id = {dead.PulpId} and last_heartbeat = {dead.LastHeartbeat}",
            cancellationToken
        );
        if (mine == 0)
        {
            return null;
        }

        SqlText its = $"worker_id = {dead.PulpId} and state in ('running', 'canceling')";
        await TaskQueue.LockAsync(tx, $"in (select pulp_id from core_task where {its})", cancellationToken);
        var tasks = await tx.QueryAsync<Guid>(
            $"select pulp_id from core_task where {its} {Sql.For("for update skip locked", "")}",
            cancellationToken
        );
        foreach (var task in tasks)
        {
            await ends.StoreAsync(tx, task, Gone, cancellationToken);
        }

        await tx.ExecuteAsync(
            $"""
            delete from core_appstatus
             where pulp_id = {dead.PulpId}
               and not exists (select 1 from core_task where worker_id = {dead.PulpId} and state in ('running', 'canceling'))
            """,
            cancellationToken
        );
        return tasks.Count;
    }

    /// <summary>A running task belongs to a process; one whose process's row is gone belongs to nobody any more.</summary>
    private async Task FailUnownedAsync(CancellationToken cancellationToken)
    {
        var unowned = await database.QueryAsync<Guid>(
            $"select pulp_id from core_task where state in ('running', 'canceling') and worker_id is null",
            cancellationToken
        );
        foreach (var task in unowned)
        {
            if (await ends.TryStoreAsync(task, Gone, cancellationToken))
            {
                LogUnowned(task);
            }
        }
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The {AppType} {Name} is gone; {Count} of its tasks were failed"
    )]
    private partial void LogDead(string appType, string name, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Task {TaskId} was running nowhere and was failed")]
    private partial void LogUnowned(Guid taskId);
}
