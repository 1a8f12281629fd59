using Pulp.PluginSdk.Plugin;

namespace Pulp.Core.Plugins;

/// <summary>Takes what a plugin says of a kind of remote.</summary>
internal sealed class RemoteKind<T>(KindDeclaration declaration) : Kind<T, IRemoteKind<T>>, IRemoteKind<T>
    where T : Remote
{
    protected override IRemoteKind<T> Self => this;

    protected override KindDeclaration Declared => declaration;
}
