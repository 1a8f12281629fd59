using Pulp.Core.Platform.Resources;

namespace Pulp.Core.Plugins;

/// <summary>
/// A family of kinds that plugins extend: a base record with its master table, and a part of the API's paths. Each has kinds of
/// plugins and, but for alternate content sources, a generic list of all of them.
/// </summary>
/// <param name="Path">First part of its paths.</param>
/// <param name="Record">The base record.</param>
internal sealed record ResourceFamily(string Path, Type Record)
{
    public static ResourceFamily Content { get; } =
        new("content", typeof(Content)) { GenericModel = "MultipleArtifactContent" };

    public static ResourceFamily Remotes { get; } = new("remotes", typeof(Remote)) { GenericModel = "GenericRemote" };

    public static ResourceFamily Repositories { get; } =
        new("repositories", typeof(Repository)) { Scope = "not m.user_hidden" };

    public static ResourceFamily Publications { get; } =
        new("publications", typeof(Publication)) { Scope = "m.complete" };

    public static ResourceFamily Distributions { get; } = new("distributions", typeof(Distribution));

    public static ResourceFamily Guards { get; } = new("contentguards", typeof(ContentGuard));

    public static ResourceFamily AlternateSources { get; } = new("acs", typeof(AlternateContentSource));

    /// <summary>What always holds for the family's rows that users see.</summary>
    public string? Scope { get; private init; }

    /// <summary>The generic list's schema, where it isn't the base record's name.</summary>
    public string? GenericModel { get; private init; }

    /// <summary>A plugin's kind; its path ends with its type unless it says otherwise.</summary>
    public ResourceKind Register(KindDeclaration declaration, ResourceRegistry registry, string? pathName = null)
    {
        var name = pathName ?? declaration.TypeName;
        return Add(
            registry,
            new ResourceKind(
                declaration.App,
                declaration.TypeName,
                declaration.Record,
                MasterTables.Of(Record),
                declaration.DetailTable
            )
            {
                Path = $"{Path}/{declaration.App}/{name}/",
                OperationStem = $"{Path}_{declaration.App}_{name.Replace('-', '_')}",
                Tag = $"{Title(Path)}: {Title(name)}",
                Scope = Scope,
            }
        );
    }

    /// <summary>The list of all kinds of the family.</summary>
    public ResourceKind RegisterGeneric(ResourceRegistry registry) =>
        Add(
            registry,
            new ResourceKind("core", Path, Record, MasterTables.Of(Record), detailTable: null)
            {
                Path = $"{Path}/",
                OperationStem = Path,
                Tag = Title(Path),
                ModelName = GenericModel ?? Record.Name,
                Scope = Scope,
            }
        );

    private static ResourceKind Add(ResourceRegistry registry, ResourceKind kind)
    {
        registry.Add(kind);
        return kind;
    }

    /// <summary><c>pull-through</c> to <c>Pull-Through</c>.</summary>
    private static string Title(string name) =>
        string.Join('-', name.Split('-').Select(p => p.Length == 0 ? p : char.ToUpperInvariant(p[0]) + p[1..]));
}
