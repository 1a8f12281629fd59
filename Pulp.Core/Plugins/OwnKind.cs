using System.Reflection;
using Pulp.PluginSdk.Plugin;

namespace Pulp.Core.Plugins;

/// <summary>A kind of resource that belongs to no family.</summary>
internal sealed record OwnKindDeclaration(string App, Type Record, string TypeName)
    : KindDeclaration(App, Record, TypeName)
{
    /// <summary>The parent's record, and the property that holds its id; null where there is none.</summary>
    public (Type Record, string Property)? Parent { get; set; }

    public bool IsDeletedByTasks { get; set; }
}

/// <summary>Takes what a plugin says of such a kind.</summary>
internal sealed class OwnKind<T>(OwnKindDeclaration declaration) : Kind<T, IResourceKind<T>>, IResourceKind<T>
    where T : PulpResource
{
    protected override IResourceKind<T> Self => this;

    protected override KindDeclaration Declared => declaration;

    public IResourceKind<T> Below<TParent>(string property)
        where TParent : PulpResource
    {
        var field = typeof(T).GetProperty(property);
        if (
            field?.PropertyType != typeof(Guid)
            || field.GetCustomAttribute<FieldAttribute>() is not { ReadOnly: true, References: { } target }
            || target != typeof(TParent)
        )
        {
            throw Refused(property, $"it is to be a read-only field that refers to {typeof(TParent).Name}");
        }

        declaration.Parent = (typeof(TParent), property);
        return this;
    }

    public IResourceKind<T> DeletedByTasks()
    {
        declaration.IsDeletedByTasks = true;
        return this;
    }
}
