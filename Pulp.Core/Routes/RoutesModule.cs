using Pulp.Core.Platform.Modules;

namespace Pulp.Core.Routes;

/// <summary>Plugins' routes outside the API, as far as the API document shows them.</summary>
internal sealed class RoutesModule : Module
{
    public override void Configure(ModuleBuilder module) => module.Operations<RouteDocuments>();
}
