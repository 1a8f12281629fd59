using Pulp.Core.Actions;
using Pulp.Core.Platform.Modules;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Plugins;
using Pulp.Core.Tasks;
using Pulp.PluginSdk.Resources;
using Pulp.PluginSdk.Tasks;

namespace Pulp.Core.PluginServices;

/// <summary>What plugins are given that stands on several features.</summary>
internal sealed class PluginServicesModule : Module
{
    public override void Configure(ModuleBuilder module) =>
        module
            .Services.AddSingleton<IKindActions, ActionApi>()
            .AddSingleton(typeof(ISecrets<>), typeof(PluginSecrets<>))
            .AddSingleton<ITaskDispatchers, PluginDispatchers>()
            .AddSingleton<ResourceCreation>()
            .AddScoped<IResources, PluginResources>()
            .AddScoped<ITaskDispatcher>(scope =>
                scope.GetRequiredService<ITaskDispatchers>().For(scope.GetRequiredService<RequestOrigin>().Value)
            );
}
