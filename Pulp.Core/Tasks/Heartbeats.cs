using System.Text.Json;
using Pulp.Core.Platform.Background;
using Pulp.Core.Platform.Settings;

namespace Pulp.Core.Tasks;

/// <summary>One thing this process is: the API, the content application, or one of its workers.</summary>
internal sealed record AppRow(Guid Id, string Name, string AppType);

/// <summary>
/// Says at intervals that this process is alive, and compares what runs here with what the database says: others may have taken
/// this process for gone, or want something cancelled.
/// </summary>
internal sealed partial class Heartbeats(
    Database database,
    TaskExecutor executor,
    UnstartedTasks unstarted,
    TaskRecovery recovery,
    ProcessIdentity process,
    PulpSettings settings,
    ComponentVersions versions,
    TimeProvider clock,
    ILogger<Heartbeats> logger
) : BackgroundService
{
    private readonly TaskCompletionSource _registered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Turns _beats = new("The heartbeat", IntervalOf(settings), clock, logger);
    private readonly Turns _recoveries = new(
        "Looking for processes that are gone",
        IntervalOf(settings),
        clock,
        logger
    );

    public IReadOnlyList<AppRow> Rows { get; } = MakeRows(process, settings);

    private Guid[] RowIds => [.. Rows.Select(r => r.Id)];

    /// <summary>The condition of a row of core_appstatus whose process beats, by the database's own clock.</summary>
    public static SqlAlternative IsOnline { get; } =
        Sql.For(
            "last_heartbeat >= clock_timestamp() - make_interval(secs => ttl_seconds)",
            "last_heartbeat >= strftime('%Y-%m-%dT%H:%M:%f000Z', 'now', '-' || ttl_seconds || ' seconds')"
        );

    /// <summary>Completed when the process is known to the database.</summary>
    public Task Registered => _registered.Task;

    /// <summary>How often a process beats.</summary>
    public static TimeSpan IntervalOf(PulpSettings settings) =>
        TimeSpan.FromSeconds(Math.Max(1, settings.WorkerTtl / 6.0));

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        // When it can't be written now, as on a full disk, the server starts all the same: it can still serve what is there.
        await TurnAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        new Turns("Beating", IntervalOf(settings), clock, logger).RunAsync(TurnAsync, stoppingToken);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            // The row of one whose task's end couldn't be stored stays: by it others find the task.
            await database.ExecuteAsync(
                $"""
                delete from core_appstatus
                 where pulp_id in {RowIds}
                   and not exists (select 1 from core_task t
                                    where t.worker_id = core_appstatus.pulp_id and t.state in ('running', 'canceling'))
                """,
                cancellationToken
            );
        }
        catch (Exception error)
            when (error is PulpException or System.Data.Common.DbException or OperationCanceledException)
        {
            // The others notice by the missing heartbeat.
            LogNotSignedOff(error.Message);
        }
    }

    private async Task TurnAsync(CancellationToken cancellationToken)
    {
        if (await _beats.TryAsync(BeatAsync, cancellationToken))
        {
            await _recoveries.TryAsync(recovery.RunAsync, cancellationToken);
        }
    }

    private async Task BeatAsync(CancellationToken cancellationToken)
    {
        var known = await database.ExecuteAsync(
            $"update core_appstatus set last_heartbeat = {database.Now}, pulp_last_updated = {database.Now} where pulp_id in {RowIds}",
            cancellationToken
        );
        if (known < Rows.Count)
        {
            await RegisterAsync(cancellationToken);
        }

        process.IsRegistered = true;
        _registered.TrySetResult();
        await unstarted.GiveBackUnstartedAsync(process.ApiId, cancellationToken);
        await CompareAsync(cancellationToken);
    }

    private async Task RegisterAsync(CancellationToken cancellationToken)
    {
        var versionsJson = new JsonText(JsonSerializer.Serialize(versions.All));
        foreach (var row in Rows)
        {
            await database.ExecuteAsync(
                $"""
                insert into core_appstatus (pulp_id, pulp_created, pulp_last_updated, name, app_type, versions, ttl_seconds,
                                            last_heartbeat, process)
                values ({row.Id}, {database.Now}, {database.Now}, {row.Name}, {row.AppType}, {versionsJson},
                        {(long)settings.WorkerTtl}, {database.Now}, {process.Key})
                on conflict (pulp_id) do nothing
                """,
                cancellationToken
            );
        }
    }

    /// <summary>
    /// Stops what runs here and shouldn't: tasks that were failed by somebody who took this process for gone, whose successors may
    /// be running by now, and tasks whose cancellation was announced before they could be cancelled.
    /// </summary>
    private async Task CompareAsync(CancellationToken cancellationToken)
    {
        // In this order: what is registered here was claimed in the database before.
        var running = executor.RunningTasks;
        if (running.Count == 0)
        {
            return;
        }

        var rows = await database.QueryAsync<OwnTask>(
            $"""
            select pulp_id, state from core_task
             where pulp_id in {running} and worker_id in {RowIds} and state in ('running', 'canceling')
            """,
            cancellationToken
        );
        foreach (var lost in running.Except(rows.Select(r => r.PulpId)))
        {
            if (executor.Cancel(lost))
            {
                LogTaken(lost);
            }
        }

        foreach (var canceling in rows.Where(r => r.State == TaskStates.Canceling))
        {
            executor.Cancel(canceling.PulpId);
        }
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

    private sealed record OwnTask
    {
        public Guid PulpId { get; init; }

        public string State { get; init; } = "";
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "This process could not sign off: {Reason}")]
    private partial void LogNotSignedOff(string reason);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Task {TaskId} is stopped: it was ended by somebody who took this process for gone"
    )]
    private partial void LogTaken(Guid taskId);
}

/// <summary>Versions of core and the plugins in this process, by label.</summary>
internal sealed record ComponentVersions(IReadOnlyDictionary<string, string> All);
