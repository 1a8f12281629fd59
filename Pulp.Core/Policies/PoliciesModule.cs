using Pulp.Core.Platform.Modules;

namespace Pulp.Core.Policies;

/// <summary>Access policies as data.</summary>
internal sealed class PoliciesModule : Module
{
    public override void Configure(ModuleBuilder module)
    {
        module.Services.AddSingleton<PolicyRules>().AddSingleton<AccessPolicyApi>();
        module.Kind(AccessPolicyKinds.Kind());
    }
}
