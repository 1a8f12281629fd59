using System.Text.Json;
using Pulp.Core.Platform.Settings;

namespace Pulp.Core.Tasks;

/// <summary>One thing this process is: the API, the content application, or one of its workers.</summary>
internal sealed record AppRow(Guid Id, string Name, string AppType);

/// <summary>
/// Says at intervals that this process is alive, and looks for others that aren't: their tasks are failed, what those left
/// half-made is removed, and whatever waited behind them goes on.
/// </summary>
internal sealed partial class Heartbeats(
    Database database,
    TaskExecutor executor,
    WorkingDirectories directories,
    ProcessIdentity process,
    PulpSettings settings,
    ComponentVersions versions,
    TimeProvider clock,
    ILogger<Heartbeats> logger
) : BackgroundService
{
    private readonly TaskCompletionSource _registered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<AppRow> Rows { get; } = MakeRows(process, settings);

    /// <summary>Completed when the process is known to the database.</summary>
    public Task Registered => _registered.Task;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await BeatAsync(cancellationToken);
        process.IsRegistered = true;
        _registered.TrySetResult();
        await RemoveDeadAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(Math.Max(1, settings.WorkerTtl / 6.0)), clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await BeatAsync(stoppingToken);
                await RemoveDeadAsync(stoppingToken);
            }
            catch (Exception error) when (error is PulpException or System.Data.Common.DbException or IOException)
            {
                LogMissed(error.Message);
            }
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            var ids = Rows.Select(r => r.Id).ToArray();
            await database.ExecuteAsync($"delete from core_appstatus where pulp_id in {ids}", CancellationToken.None);
        }
        catch (Exception error) when (error is PulpException or System.Data.Common.DbException)
        {
            // The others notice by the missing heartbeat.
            LogMissed(error.Message);
        }
    }

    private async Task BeatAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var ids = Rows.Select(r => r.Id).ToArray();
        var known = await database.ExecuteAsync(
            $"update core_appstatus set last_heartbeat = {now}, pulp_last_updated = {now} where pulp_id in {ids}",
            cancellationToken
        );
        if (known == Rows.Count)
        {
            return;
        }

        var versionsJson = new JsonText(JsonSerializer.Serialize(versions.All));
        foreach (var row in Rows)
        {
            await database.ExecuteAsync(
                $"""
                insert into core_appstatus (pulp_id, pulp_created, pulp_last_updated, name, app_type, versions, ttl_seconds,
                                            last_heartbeat, process)
                values ({row.Id}, {now}, {now}, {row.Name}, {row.AppType}, {versionsJson}, {(long)
                    settings.WorkerTtl}, {now},
                        {process.Key})
                on conflict (pulp_id) do nothing
                """,
                cancellationToken
            );
        }
    }

    private async Task RemoveDeadAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var others = await database.QueryAsync<OtherRow>(
            $"select pulp_id, name, app_type, ttl_seconds, last_heartbeat, process from core_appstatus where process <> {process.Key}",
            cancellationToken
        );
        foreach (
            var dead in others.Where(o =>
                o.LastHeartbeat.AddSeconds(o.TtlSeconds) < now || ProcessIdentity.IsCertainlyGone(o.Process)
            )
        )
        {
            var failed = await database.InTransactionAsync(
                tx => RemoveAsync(tx, dead, cancellationToken),
                cancellationToken
            );
            LogDead(dead.AppType, dead.Name, failed);
        }

        await directories.RemoveAbandonedAsync(cancellationToken);
    }

    private async Task<int> RemoveAsync(IDb tx, OtherRow dead, CancellationToken cancellationToken)
    {
        // Whoever deletes the row does the rest; a heartbeat that came in between wins.
        var mine = await tx.ExecuteAsync(
            $"""
            delete from core_appstatus
             where pulp_id = {dead.PulpId} and last_heartbeat = {dead.LastHeartbeat}
               and not exists (select 1 from core_task where worker_id = {dead.PulpId} and state in ('running', 'canceling'))
            """,
            cancellationToken
        );
        if (mine > 0)
        {
            return 0;
        }

        SqlText its = $"worker_id = {dead.PulpId} and state in ('running', 'canceling')";
        await TaskQueue.LockAsync(tx, $"in (select pulp_id from core_task where {its})", cancellationToken);
        var tasks = await tx.QueryAsync<Guid>(
            $"select pulp_id from core_task where {its} {Sql.For("for update skip locked", "")}",
            cancellationToken
        );
        var error = JsonSerializer.Serialize(new { reason = "Worker has gone missing." });
        foreach (var task in tasks)
        {
            await executor.EndAsync(
                tx,
                task,
                new TaskOutcome.Failed(error),
                context: null,
                claimant: null,
                cancellationToken
            );
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

    private static List<AppRow> MakeRows(ProcessIdentity process, PulpSettings settings)
    {
        var rows = new List<AppRow>();
        var name = $"{Environment.ProcessId}@{process.Host}";
        if (settings.Roles.Contains("api"))
        {
            rows.Add(new AppRow(process.ApiId, name, "api"));
        }

        if (settings.Roles.Contains("content"))
        {
            rows.Add(new AppRow(Ids.New(), name, "content"));
        }

        for (var i = 1; i <= (settings.Roles.Contains("worker") ? settings.Workers : 0); i++)
        {
            rows.Add(new AppRow(Ids.New(), $"{Environment.ProcessId}.{i}@{process.Host}", "worker"));
        }

        return rows;
    }

    private sealed record OtherRow
    {
        public Guid PulpId { get; init; }

        public string Name { get; init; } = "";

        public string AppType { get; init; } = "";

        public long TtlSeconds { get; init; }

        public DateTimeOffset LastHeartbeat { get; init; }

        public string Process { get; init; } = "";
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The {AppType} {Name} is gone; {Count} of its tasks were failed"
    )]
    private partial void LogDead(string appType, string name, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The heartbeat could not be written: {Reason}")]
    private partial void LogMissed(string reason);
}

/// <summary>Versions of core and the plugins in this process, by label.</summary>
internal sealed record ComponentVersions(IReadOnlyDictionary<string, string> All);
