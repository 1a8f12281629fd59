using Pulp.Core.Platform.Modules;
using Pulp.Core.Platform.Settings;

namespace Pulp.Core.Maintenance;

/// <summary>Orphan clean-up, repair, reclaim, and what tidies itself.</summary>
internal sealed class MaintenanceModule : Module
{
    public override void Configure(ModuleBuilder module)
    {
        module.Services.AddSingleton<ArtifactRepair>();
        module
            .Background<Housekeeping>(Roles.Worker)
            .Operations<RepairApi>()
            .Operations<OrphanApi>()
            .Operations<ReclaimApi>()
            .Task<OrphanCleanup>()
            .Task<ReclaimSpace>()
            .Task<RepairVersion>()
            .Task<RepairAll>();
    }
}
