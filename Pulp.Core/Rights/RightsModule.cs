using Pulp.Core.Platform.Modules;
using Pulp.Core.Platform.Resources;

namespace Pulp.Core.Rights;

/// <summary>Decides who may do what: permissions, roles and policies as memory has them.</summary>
internal sealed class RightsModule : Module
{
    public override void Configure(ModuleBuilder module)
    {
        module
            .Services.AddSingleton<AccessMemory>()
            .AddSingleton<PermissionHolders>()
            .AddSingleton<PermissionCatalog>()
            .AddSingleton<PluginConditions>()
            .AddSingleton<AskedObjects>()
            .AddSingleton<Conditions>()
            .AddSingleton<PolicyReader>()
            .AddSingleton<ShippedPolicies>()
            .AddSingleton<PolicyBook>()
            .AddSingleton<Sights>()
            .AddSingleton<OtherActions>()
            .AddSingleton<Explanation>()
            .AddSingleton<ShippedAccess>()
            .AddSingleton(provider => new Lazy<PolicyBook>(provider.GetRequiredService<PolicyBook>))
            .AddSingleton<IOwnership, Ownership>();
        module.Channel(AccessMemory.Channel);
    }
}
