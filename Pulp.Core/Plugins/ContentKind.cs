using Pulp.PluginSdk.Plugin;

namespace Pulp.Core.Plugins;

/// <summary>Takes what a plugin says of a kind of content.</summary>
internal sealed class ContentKind<T>(ContentDeclaration declaration) : IContentKind<T>
    where T : Content
{
    public IContentKind<T> FromSingleArtifact(Func<T, Artifact, T> complete, Func<T, string> relativePath)
    {
        declaration.Complete = (content, artifact) => complete((T)content, artifact);
        declaration.RelativePath = content => relativePath((T)content);
        return this;
    }

    public IContentKind<T> Validate(Action<T, ValidationErrors> validate)
    {
        declaration.Validate = (content, errors) => validate((T)content, errors);
        return this;
    }
}
