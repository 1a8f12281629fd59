using Pulp.Core.Platform.Resources;

namespace Pulp.Core.Plugins;

/// <summary>
/// A family of kinds that plugins extend: a base record with its master table, a part of the API's paths, and what all kinds of the
/// family have. Each has kinds of plugins and, but for alternate content sources, a generic list of all of them.
/// </summary>
/// <typeparam name="TDeclaration">What plugins declare of a kind.</typeparam>
/// <param name="path">First part of its paths.</param>
/// <param name="record">The base record.</param>
internal sealed class ResourceFamily<TDeclaration>(string path, Type record)
    where TDeclaration : KindDeclaration
{
    /// <summary>What always holds for the family's rows that users see.</summary>
    public SqlText? Visible { get; init; }

    /// <summary>Which rows of its kinds somebody sees, where that isn't by the permission to view them.</summary>
    public Func<ResourceKind, IScope, SqlText?>? Scope { get; init; }

    /// <summary>Where the keys of those stand, where that is quicker than to ask each row.</summary>
    public Func<ResourceKind, IScope, SeenKeys>? ScopeKeys { get; init; }

    /// <summary>The generic list's schema, where it isn't the base record's name.</summary>
    public string? GenericModel { get; init; }

    /// <summary>The usual operations of its kinds.</summary>
    public required Verbs Verbs { get; init; }

    /// <summary>Members, filters and orderings; the declaration is absent for the generic list.</summary>
    public Action<ResourceKind, TDeclaration?, KindContext> Members { get; init; } = (_, _, _) => { };

    public Func<TDeclaration, IServiceProvider, KindBehavior> Behavior { get; init; } = (_, _) => new KindBehavior();

    /// <summary>Operations beside the usual ones.</summary>
    public Action<ResourceKind, TDeclaration, IServiceProvider> Operations { get; init; } = (_, _, _) => { };

    /// <summary>A plugin's kind.</summary>
    public ResourceKind Kind(TDeclaration declaration) =>
        new(
            declaration.App,
            declaration.TypeName,
            declaration.Record,
            MasterTables.Of(record),
            declaration.DetailTable,
            declaration.FieldChanges
        )
        {
            Path = $"{path}/{declaration.App}/{declaration.PathName}/",
            OperationStem = $"{path}_{declaration.App}_{declaration.PathName.Replace('-', '_')}",
            Tag = $"{Title(path)}: {Title(declaration.PathName)}",
            Visible = Visible,
            DomainColumn = "m.pulp_domain_id",
            Verbs = Verbs.Without(declaration.Without),
            Without = declaration.Without,
            Policy = declaration.Policy,
            IsForAdministrators = declaration.IsForAdministrators,
            Scope = declaration.ScopeOr(Scope),
            ScopeKeys = declaration.Scope is null ? ScopeKeys : null,
            VersionPolicy = declaration.VersionPolicy,
            Members = (kind, context) =>
            {
                Members(kind, declaration, context);
                KindMembers.Add(kind, declaration, context);
            },
            MakeBehavior = services => Behavior(declaration, services).With(declaration, services),
            Operations = (kind, services) =>
            {
                Operations(kind, declaration, services);
                services.GetRequiredService<IKindActions>().Map(kind, declaration.Actions);
            },
        };

    /// <summary>The list of all kinds of the family.</summary>
    public ResourceKind Generic() =>
        new("core", path, record, MasterTables.Of(record), detailTable: null)
        {
            Path = $"{path}/",
            OperationStem = path,
            Tag = Title(path),
            ModelName = GenericModel ?? record.Name,
            Visible = Visible,
            DomainColumn = "m.pulp_domain_id",
            Verbs = Verbs.List,
            FamilyScope = Scope,
            FamilyKeys = ScopeKeys,
            Members = (kind, context) => Members(kind, arg2: null, context),
        };

    /// <summary><c>pull-through</c> to <c>Pull-Through</c>.</summary>
    private static string Title(string name) =>
        string.Join('-', name.Split('-').Select(p => p.Length == 0 ? p : char.ToUpperInvariant(p[0]) + p[1..]));
}
