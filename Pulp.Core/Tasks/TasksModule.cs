using Pulp.Core.Platform.Modules;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Platform.Settings;
using Pulp.Core.Tasks.Profiles;
using Pulp.PluginSdk.Tasks;

namespace Pulp.Core.Tasks;

/// <summary>Tasks: stored, claimed by workers, run, ended.</summary>
internal sealed class TasksModule : Module
{
    public override void Configure(ModuleBuilder module)
    {
        module
            .Services.AddSingleton<TaskRegistry>()
            .AddSingleton<ProcessIdentity>()
            .AddSingleton<TaskQueue>()
            .AddSingleton<WorkingDirectories>()
            .AddSingleton<TaskClaims>()
            .AddSingleton<TaskEnds>()
            .AddSingleton<UnstartedTasks>()
            .AddSingleton<TaskRecovery>()
            .AddSingleton<CpuProfiles>()
            .AddSingleton<TaskProfiles>()
            .AddSingleton<ProfileLinks>()
            .AddSingleton<TaskExecutor>()
            .AddSingleton<TaskOwners>()
            .AddSingleton<TaskDispatcher>()
            .AddSingleton<TaskGroups>()
            .AddScoped<RequestOrigin>()
            .AddSingleton<TaskWaiters>();
        module
            .Channel(TaskChannels.Runnable)
            .Channel(TaskChannels.Cancel)
            .Channel(TaskChannels.Ended)
            .Background<TaskCancellation>()
            .Background<Heartbeats>()
            .Background<WorkerPool>(ProcessRoles.Worker)
            .Kind(TaskKinds.Tasks())
            .Kind(TaskGroupKinds.Groups())
            .Kind(TaskKinds.Workers())
            .Operations<TaskApi>()
            .Operations<ProfileApi>()
            .Routes(ProfileLinks.Routes)
            .Task<PurgeTasks>()
            .Task<GeneralCreate>()
            .Task<GeneralUpdate>()
            .Task<GeneralDelete>();
        AddTaskLogs(module);
    }

    /// <summary>Only where logs of tasks may be recorded: it costs every message that isn't logged a look.</summary>
    private static void AddTaskLogs(ModuleBuilder module)
    {
        string[] logs = [TaskDiagnostics.Logs, TaskDiagnostics.DebugLogs];
        if (!module.Settings.TaskDiagnostics.Intersect(logs).Any())
        {
            return;
        }

        module.Services.AddSingleton<ILoggerProvider, TaskLog.Provider>();
        // Which level is recorded is the recording's affair.
        var everything = new LoggerFilterRule(typeof(TaskLog.Provider).FullName, null, LogLevel.Trace, null);
        module.Services.Configure<LoggerFilterOptions>(options => options.Rules.Add(everything));
    }
}
