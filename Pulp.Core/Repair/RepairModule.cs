using Pulp.Core.Platform.Modules;

namespace Pulp.Core.Repair;

/// <summary>Looks for stored files that are lost or damaged, and fetches them again.</summary>
internal sealed class RepairModule : Module
{
    public override void Configure(ModuleBuilder module)
    {
        module.Services.AddSingleton<ArtifactRepair>();
        module.Operations<RepairApi>().Task<RepairAll>();
    }
}
