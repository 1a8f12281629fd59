using Pulp.Core.Platform.Modules;

namespace Pulp.Core.Sync;

/// <summary>What fetches content from upstreams. Its tasks are named by the plugins.</summary>
internal sealed class SyncModule : Module
{
    public override void Configure(ModuleBuilder module)
    {
        module.Services.AddSingleton<SyncDispatch>();
        module.Operations<SyncApi>();
    }
}
