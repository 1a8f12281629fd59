using Pulp.Core.Platform.Modules;
using Pulp.Core.Platform.Settings;

namespace Pulp.Core.Maintenance;

/// <summary>Orphan clean-up, reclaim, and what tidies itself.</summary>
internal sealed class MaintenanceModule : Module
{
    public override void Configure(ModuleBuilder module)
    {
        module.Services.AddSingleton<UnfinishedTasks>().AddSingleton<Orphans>().AddSingleton<StrayFiles>();
        module
            .Background<Housekeeping>(ProcessRoles.Worker)
            .Operations<OrphanApi>()
            .Operations<ReclaimApi>()
            .Task<OrphanCleanup>()
            .Task<ReclaimSpace>();
    }
}
