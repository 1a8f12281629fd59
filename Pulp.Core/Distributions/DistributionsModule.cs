using Pulp.Core.Platform.Modules;

namespace Pulp.Core.Distributions;

/// <summary>Distributions: where content is served.</summary>
internal sealed class DistributionsModule : Module
{
    public override void Configure(ModuleBuilder module)
    {
        module.Services.AddSingleton(BaseUrls.AddressOf(module.Settings));
        module.Kind(DistributionKinds.Family.Generic()).Kind(DistributionKinds.Artifacts());
    }
}
