using System.Reflection;
using Pulp.Core.Platform.Resources;
using Pulp.PluginSdk.Files;
using Pulp.PluginSdk.Plugin;
using Pulp.PluginSdk.Sync;

namespace Pulp.Core.Plugins;

/// <summary>Takes what a plugin says of a kind of content.</summary>
internal sealed class ContentKind<T>(ContentDeclaration declaration) : Kind<T, IContentKind<T>>, IContentKind<T>
    where T : Content
{
    protected override IContentKind<T> Self => this;

    protected override KindDeclaration Declared => declaration;

    public IContentKind<T> FromSingleArtifact(Func<T, Artifact, T> complete, Func<T, string> relativePath)
    {
        declaration.Complete = (content, artifact) => complete((T)content, artifact);
        return FromFile(
            (content, file, _) =>
            {
                var unit = complete(content, file.Artifact);
                var artifact = new DeclaredArtifact(relativePath(unit), file.Artifact);
                return ValueTask.FromResult(new DeclaredContent(unit, artifact));
            }
        );
    }

    public IContentKind<T> FromFile(Func<T, UploadedFile, CancellationToken, ValueTask<DeclaredContent>> read)
    {
        declaration.Read = (content, _, file, cancellationToken) => read((T)content, file, cancellationToken);
        return this;
    }

    public IContentKind<T> FromFile<TInput>(
        Func<T, TInput, UploadedFile, CancellationToken, ValueTask<DeclaredContent>> read
    )
        where TInput : class
    {
        declaration.Input = ResourceKind.OfBody(declaration.App, typeof(TInput));
        declaration.Read = (content, input, file, cancellationToken) =>
            input is TInput given
                ? read((T)content, given, file, cancellationToken)
                : throw new InvalidOperationException("The request's own fields weren't read.");
        return this;
    }

    public IContentKind<T> RefersTo<TOther>(string property)
        where TOther : Content
    {
        if (typeof(T).GetProperty(property)?.GetCustomAttribute<FieldAttribute>()?.References is null)
        {
            throw new InvalidOperationException(
                $"{typeof(T).Name} has no field '{property}' that refers to something."
            );
        }

        declaration.References.Add(new ReferenceDeclaration(typeof(TOther), property, Table: null, Member: null));
        return this;
    }

    public IContentKind<T> RefersTo<TOther>(string table, string member)
        where TOther : Content
    {
        declaration.References.Add(new ReferenceDeclaration(typeof(TOther), Property: null, table, member));
        return this;
    }
}
