using Pulp.Core.Platform.Resources;

namespace Pulp.Core.Plugins;

/// <summary>Makes kinds of resource of those that belong to no family.</summary>
internal static class OwnKinds
{
    /// <param name="declaration">The plugin's.</param>
    /// <param name="others">The plugin's kinds so far, among them the parent.</param>
    /// <exception cref="InvalidOperationException">The parent isn't among them.</exception>
    public static ResourceKind Kind(OwnKindDeclaration declaration, IReadOnlyList<ResourceKind> others)
    {
        var path = declaration.PathName.Trim('/');
        var parent = declaration.Parent is not { } below
            ? null
            : new ParentKind(
                others.FirstOrDefault(k => k.Record == below.Record)
                    ?? throw new DeclarationException(
                        $"{declaration.Record.Name}: {below.Record.Name} is none of the plugin's kinds."
                    ),
                below.Property,
                path
            );
        return new ResourceKind(
            declaration.App,
            declaration.TypeName,
            declaration.Record,
            declaration.DetailTable,
            detailTable: null,
            declaration.FieldChanges
        )
        {
            Parent = parent,
            Path = parent is null ? $"{path}/" : $"{parent.Kind.Path}{{{ParentKind.RouteValue}}}/{path}/",
            OperationStem =
                (parent is null ? "" : parent.Kind.OperationStem + "_") + path.Replace('/', '_').Replace('-', '_'),
            Tag = parent is null ? Tag(path) : $"{parent.Kind.Tag} {Tag(path)}",
            DomainColumn = "m.pulp_domain_id",
            Verbs = VerbsOf(declaration).Without(declaration.Without),
            Without = declaration.Without,
            Policy = declaration.Policy,
            Scope = declaration.ScopeOr(family: null),
            VersionPolicy = declaration.VersionPolicy,
            Members = (kind, context) => KindMembers.Add(kind, declaration, context),
            MakeBehavior = services => Behavior(declaration, parent, services).With(declaration, services),
            Operations = (kind, services) => services.GetRequiredService<IKindActions>().Map(kind, declaration.Actions),
        };
    }

    /// <summary>What is below a resource is part of it: a change of it is one of that, also for what is served.</summary>
    private static KindBehavior Behavior(OwnKindDeclaration declaration, ParentKind? parent, IServiceProvider services)
    {
        if (parent?.Kind.Field("pulp_last_updated") is null)
        {
            return new KindBehavior();
        }

        var clock = services.GetRequiredService<TimeProvider>();
        var (above, column) = (Sql.Name(parent.Kind.MasterTable), Sql.Name(Names.Snake(parent.Property) + "_id"));
        Task TouchAsync(IDb tx, ResourceKey key, CancellationToken cancellationToken) =>
            tx.ExecuteAsync(
                $"""
                update {above} set pulp_last_updated = {clock.GetUtcNow()}
                 where pulp_id = (select x.{column} from {Sql.Name(
                    declaration.DetailTable
                )} x where x.pulp_id = {key.Id})
                """,
                cancellationToken
            );
        return new KindBehavior
        {
            AffectsServing = true,
            AfterWrite = (tx, key, _, cancellationToken) => TouchAsync(tx, key, cancellationToken),
            BeforeDelete = (tx, key, _, cancellationToken) => TouchAsync(tx, key, cancellationToken),
        };
    }

    private static Verbs VerbsOf(OwnKindDeclaration declaration) =>
        Platform.Resources.Verbs.List
        | Platform.Resources.Verbs.Read
        | Platform.Resources.Verbs.Create
        | Platform.Resources.Verbs.UpdateNow
        | (declaration.IsDeletedByTasks ? Platform.Resources.Verbs.DeleteTask : Platform.Resources.Verbs.Delete)
        | (
            declaration.Record.GetProperty(nameof(Content.PulpLabels)) is null
                ? Platform.Resources.Verbs.None
                : Platform.Resources.Verbs.Labels
        )
        // What is below another is whose that is.
        | (declaration.Parent is null ? Platform.Resources.Verbs.Roles : Platform.Resources.Verbs.None);

    /// <summary><c>pulp_container/namespaces</c> to <c>Pulp_container: Namespaces</c>, as Pulp's document has it.</summary>
    private static string Tag(string path) =>
        string.Join(": ", path.Split('/').Select(p => p.Length == 0 ? p : char.ToUpperInvariant(p[0]) + p[1..]));
}
