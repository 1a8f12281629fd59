using Pulp.Core.Platform.Modules;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Platform.Settings;
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
            .AddSingleton<TaskRecovery>()
            .AddSingleton<TaskExecutor>()
            .AddSingleton<TaskDispatcher>()
            .AddScoped<RequestOrigin>()
            .AddScoped<ITaskDispatcher, RequestDispatcher>();
        module
            .Background<TaskCancellation>()
            .Background<Heartbeats>()
            .Background<WorkerPool>(Roles.Worker)
            .Kind(TaskKinds.Tasks())
            .Kind(TaskKinds.Groups())
            .Kind(TaskKinds.Workers())
            .Operations<TaskApi>()
            .Task<PurgeTasks>()
            .Task<GeneralCreate>()
            .Task<GeneralUpdate>()
            .Task<GeneralDelete>();
    }
}
