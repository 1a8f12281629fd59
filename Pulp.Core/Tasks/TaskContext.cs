using Pulp.Core.Platform.Resources;
using Pulp.Core.Platform.Settings;
using Pulp.PluginSdk.Tasks;

namespace Pulp.Core.Tasks;

/// <summary>What a running task's code gets to see.</summary>
internal sealed class TaskContext(ClaimedTask task, IServiceProvider services) : ITaskContext
{
    private readonly List<(string Href, string Prn)> _created = [];
    private const int MostWarnings = 100;
    private readonly List<ProgressReport> _reports = [];
    private readonly Dictionary<(string Code, string Message), IProgressReport> _warnings = [];
    private string? _directory;

    public Guid TaskId => task.PulpId;

    public IDb Db => services.GetRequiredService<IDb>();

    /// <summary>The task's domain.</summary>
    public DomainScope Domain { get; set; } = DomainScope.Only;

    /// <summary>What it may reach: what whoever asked for it might.</summary>
    public Reach Reach => Reach.Of(Domain, task.CreatedBy);

    public TaskOrigin ChildOrigin =>
        new(Reach, task.LoggingCid, task.PulpId) { Diagnostics = TaskDiagnostics.Read(task.ProfileOptions) };

    /// <summary>The running task as Core's own tasks see it.</summary>
    public static TaskContext Of(ITaskContext task) => (TaskContext)task;

    public ITaskDispatcher Dispatcher => services.GetRequiredService<ITaskDispatchers>().For(ChildOrigin);

    public string WorkingDirectory
    {
        get
        {
            if (Volatile.Read(ref _directory) is { } known)
            {
                return known;
            }

            // It is there before anybody hears of it: parts of the task may ask at the same time.
            var directory = services.GetRequiredService<WorkingDirectories>().For(TaskId);
            Directory.CreateDirectory(directory);
            Volatile.Write(ref _directory, directory);
            return directory;
        }
    }

    public IProgressReport Progress(string message, string code, long? total = null)
    {
        var report = new ProgressReport(
            services.GetRequiredService<Database>(),
            services.GetRequiredService<TimeProvider>(),
            TaskId,
            message,
            code,
            total
        );
        lock (_reports)
        {
            _reports.Add(report);
        }

        return report;
    }

    public void Warn(string code, string message)
    {
        lock (_warnings)
        {
            var warning = (code, message);
            if (!_warnings.ContainsKey(warning) && _warnings.Count >= MostWarnings)
            {
                warning = ("task.more_warnings", "More warnings than are shown");
            }

            if (!_warnings.TryGetValue(warning, out var report))
            {
                _warnings[warning] = report = Progress(warning.message, warning.code);
                report.Complete();
            }

            report.Increment();
        }
    }

    public void Created(string href, string prn)
    {
        lock (_created)
        {
            _created.Add((Domain.Plain(href), prn));
        }
    }

    /// <summary>Stores what the task made and how far it came, together with its end.</summary>
    public IReadOnlyList<SqlText> Store(string state)
    {
        lock (_reports)
        {
            return
            [
                .. _reports.Select(report => report.Store(state)),
                .. (state == TaskStates.Completed ? _created : []).Select(made =>
                    (SqlText)
                        $"insert into core_createdresource (task_id, href, prn) values ({TaskId}, {made.Href}, {made.Prn})"
                ),
            ];
        }
    }

    public void RemoveWorkingDirectory()
    {
        // Somebody may have tidied up too much.
        if (Directory.Exists(_directory))
        {
            Directory.Delete(_directory, recursive: true);
        }
    }
}
