using System.IO.Compression;
using Pulp.Core.Platform.Settings;

namespace Pulp.Core.Tasks.Profiles;

/// <summary>Something that is recorded while a task runs.</summary>
internal interface IProfile : IDisposable
{
    /// <summary>Its name among the task's profiles.</summary>
    string Name { get; }

    /// <summary>Ends the recording; null when nothing came of it.</summary>
    Task<byte[]?> EndAsync();
}

/// <summary>
/// Records what a task does to memory, processor and log, where that was asked for and the settings allow it. Profiles lie in the
/// database and not among the artifacts: they go with their task whoever removes it, and no list of artifacts shows them.
/// </summary>
internal sealed partial class TaskProfiles(
    Database database,
    PulpSettings settings,
    CpuProfiles cpu,
    TimeProvider clock,
    ILogger<TaskProfiles> logger
)
{
    /// <summary>Only the profiles of so many tasks are kept, whatever is asked for.</summary>
    private const int TasksKept = 50;

    /// <summary>Begins what the task asks for; called by who runs it, because its log is told from others by where it is written.</summary>
    public IReadOnlyList<IProfile> Begin(ClaimedTask task)
    {
        var asked = TaskDiagnostics.Read(task.ProfileOptions);
        var profiles = new List<IProfile>();
        foreach (var name in asked.Except(settings.TaskDiagnostics))
        {
            LogNotEnabled(name, task.PulpId);
        }

        // Of the two kinds of logs the fuller one holds the other.
        var enabled = asked.Intersect(settings.TaskDiagnostics).ToList();
        foreach (var name in enabled)
        {
            var isHeld = name == TaskDiagnostics.Logs && enabled.Contains(TaskDiagnostics.DebugLogs);
            if (!isHeld && Begin(name) is { } profile)
            {
                profiles.Add(profile);
            }
        }

        return profiles;
    }

    private IProfile? Begin(string name) =>
        name switch
        {
            TaskDiagnostics.Memory => new MemoryProfile(clock),
            TaskDiagnostics.Cpu => cpu.TryBegin(),
            TaskDiagnostics.Logs => TaskLog.Begin(Enum.Parse<LogLevel>(settings.LogLevel, ignoreCase: true), clock),
            _ => TaskLog.Begin(LogLevel.Debug, clock),
        };

    /// <summary>Keeps what was recorded. A task doesn't fail for it.</summary>
    public async Task KeepAsync(Guid task, IReadOnlyList<IProfile> profiles)
    {
        foreach (var profile in profiles)
        {
            using var ended = profile;
            try
            {
                if (await profile.EndAsync() is { } body)
                {
                    await StoreAsync(task, profile.Name, Packed(body));
                }
            }
            catch (Exception error)
            {
                LogNotKept(profile.Name, task, error);
            }
        }
    }

    private Task StoreAsync(Guid task, string name, byte[] packed) =>
        database.InTransactionAsync(
            async tx =>
            {
                await tx.ExecuteAsync(
                    $"""
                    insert into core_taskprofile (task_id, name, body) values ({task}, {name}, {packed})
                    """,
                    CancellationToken.None
                );
                await tx.ExecuteAsync(
                    $"""
                    delete from core_taskprofile
                     where task_id not in (select task_id from (select distinct task_id from core_taskprofile
                                                                 order by task_id desc limit {TasksKept}) kept)
                    """,
                    CancellationToken.None
                );
            },
            CancellationToken.None
        );

    /// <summary>The names of a task's profiles.</summary>
    public Task<IReadOnlyList<string>> NamesAsync(Guid task, CancellationToken cancellationToken) =>
        database.QueryAsync<string>(
            $"select name from core_taskprofile where task_id = {task} order by name",
            cancellationToken
        );

    /// <summary>A profile's bytes, packed with gzip; null when there is none.</summary>
    public Task<byte[]?> FindPackedAsync(Guid task, string name, CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<byte[]>(
            $"select body from core_taskprofile where task_id = {task} and name = {name}",
            cancellationToken
        );

    private static byte[] Packed(byte[] body)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write(body);
        }

        return packed.ToArray();
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The diagnostics '{Name}' that task {TaskId} asks for are not among TASK_DIAGNOSTICS"
    )]
    private partial void LogNotEnabled(string name, Guid taskId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The profile {Name} of task {TaskId} is lost")]
    private partial void LogNotKept(string name, Guid taskId, Exception error);
}
