using System.Collections.Frozen;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Plugins;

namespace Pulp.Core.Rights;

/// <summary>All permissions there are, and the model each is about.</summary>
internal sealed class PermissionCatalog(ResourceRegistry registry, PluginCatalog plugins)
{
    private static readonly string[] Verbs = ["add", "change", "delete", "view", "manage_roles"];

    private static readonly string[] RepositoryVerbs = ["sync", "modify", "repair"];

    private FrozenDictionary<string, string>? _modelOf;

    /// <summary>By permission the model: <c>file.filerepository</c>.</summary>
    private FrozenDictionary<string, string> ModelOf => _modelOf ??= Make();

    public bool Knows(string permission) => ModelOf.ContainsKey(permission);

    /// <summary>Whether a permission is about resources of the kind.</summary>
    public bool IsAbout(string permission, ResourceKind kind) => ModelOf.GetValueOrDefault(permission) == kind.Model;

    /// <summary>All permissions about resources of the kind.</summary>
    public IReadOnlyList<string> About(ResourceKind kind) =>
        [.. ModelOf.Where(p => p.Value == kind.Model).Select(p => p.Key).Order(StringComparer.Ordinal)];

    /// <summary>Whether a permission is about what domains hold.</summary>
    public bool IsInDomains(string permission) =>
        ModelOf.TryGetValue(permission, out var model)
        && (!registry.TryModel(model, out var kind) ? model is not "core.role" : kind.DomainColumn is not null);

    private FrozenDictionary<string, string> Make()
    {
        var models = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var permission in CorePermissions.All)
        {
            models[permission] = CorePermissions.ModelOf(permission);
        }

        foreach (var kind in registry.All.Where(k => !k.IsGeneric))
        {
            var verbs = typeof(Repository).IsAssignableFrom(kind.Record) ? Verbs.Concat(RepositoryVerbs) : Verbs;
            foreach (var verb in verbs)
            {
                models.TryAdd(kind.Permission(verb), kind.Model);
            }
        }

        foreach (var kind in plugins.Plugins.SelectMany(p => p.Kinds))
        {
            foreach (var permission in kind.Permissions)
            {
                models.TryAdd(permission, $"{kind.App}.{kind.Record.Name.ToLowerInvariant()}");
            }
        }

        return models.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
