using Pulp.PluginSdk.Plugin;

namespace Pulp.Core.Plugins;

/// <summary>Takes what a plugin says of a kind of alternate content source.</summary>
internal sealed class AlternateContentSourceKind<T>(AlternateSourceDeclaration declaration)
    : Kind<T, IAlternateContentSourceKind<T>>,
        IAlternateContentSourceKind<T>
    where T : AlternateContentSource
{
    protected override IAlternateContentSourceKind<T> Self => this;

    protected override KindDeclaration Declared => declaration;
}
