using Pulp.Core.Platform.Modules;
using Pulp.PluginSdk.Vulnerabilities;

namespace Pulp.Core.Vulnerabilities;

/// <summary>Reports on units' vulnerabilities, which plugins' scans make.</summary>
internal sealed class VulnerabilitiesModule : Module
{
    public override void Configure(ModuleBuilder module)
    {
        module.Services.AddScoped<IVulnerabilityReports, VulnerabilityReports>();
        module.Kind(VulnerabilityKinds.Kind());
    }
}
