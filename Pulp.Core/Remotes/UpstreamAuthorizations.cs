using Pulp.Core.Platform.Downloads;
using Pulp.Core.Plugins;
using Pulp.PluginSdk.Upstreams;

namespace Pulp.Core.Remotes;

/// <summary>Makes the authorizations that plugins declare for their kinds of remotes.</summary>
internal sealed class UpstreamAuthorizations(PluginCatalog plugins, IServiceProvider services) : IUpstreamAuthorizations
{
    public UpstreamAuthorization? For(Remote remote) =>
        plugins.Remote(remote.GetType())?.Authorization is { } type
            ? (UpstreamAuthorization)ActivatorUtilities.CreateInstance(services, type)
            : null;
}
