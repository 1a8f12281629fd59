using Pulp.PluginSdk.Plugin;
using Pulp.PluginSdk.Upstreams;

namespace Pulp.Core.Plugins;

/// <summary>Takes what a plugin says of a kind of remote.</summary>
internal sealed class RemoteKind<T>(RemoteDeclaration declaration) : Kind<T, IRemoteKind<T>>, IRemoteKind<T>
    where T : Remote
{
    protected override IRemoteKind<T> Self => this;

    protected override KindDeclaration Declared => declaration;

    public IRemoteKind<T> AuthorizedBy<TAuthorization>()
        where TAuthorization : UpstreamAuthorization
    {
        declaration.Authorization = typeof(TAuthorization);
        return this;
    }
}
