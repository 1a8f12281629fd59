using Pulp.Core.Platform.Downloads;
using Pulp.Core.Platform.Modules;

namespace Pulp.Core.Remotes;

/// <summary>Remotes: where content comes from.</summary>
internal sealed class RemotesModule : Module
{
    public override void Configure(ModuleBuilder module)
    {
        module.Services.AddSingleton<IUpstreamAuthorizations, UpstreamAuthorizations>();
        module.Kind(RemoteKinds.Family.Generic());
    }
}
