using Pulp.Core.Platform.Resources;
using Pulp.PluginSdk.Plugin;

namespace Pulp.Core.Plugins;

/// <summary>What a plugin declares of a kind of resource, of whatever family.</summary>
internal record KindDeclaration(string App, Type Record, string TypeName)
{
    /// <summary>Last part of its path in the API.</summary>
    public string PathName { get; init; } = TypeName;

    /// <summary><c>file_fileremote</c>.</summary>
    public string DetailTable => $"{App}_{Record.Name.ToLowerInvariant()}";

    public Operations Without { get; set; }

    /// <summary>Changes of its fields by property.</summary>
    public Dictionary<string, FieldChange> FieldChanges { get; } = new(StringComparer.Ordinal);

    public List<ShownMember> Shown { get; } = [];

    /// <summary>Those of the shown members that requests may carry, without changing anything.</summary>
    public List<ShownMember> TakenBack { get; } = [];

    public List<FilterDeclaration> Filters { get; } = [];

    public List<KindRule> Rules { get; } = [];

    /// <summary>Store more rows with a resource that was created or changed.</summary>
    public List<Func<PulpResource, IDb, CancellationToken, Task>> AlsoSaves { get; } = [];

    public List<ActionDeclaration> Actions { get; } = [];

    /// <summary>Permissions beside those that every kind has.</summary>
    public List<string> Permissions { get; } = [];

    /// <summary>Its deviations from the standard policy, as the plugin gave them.</summary>
    public AccessPolicy? GivenPolicy { get; set; }

    /// <summary>What creating and changing one need beside what the standard policy asks for.</summary>
    public List<string> WritingNeeds { get; } = [];

    /// <summary>Which rows somebody sees, where that isn't by the permission to view them.</summary>
    public Func<ISeenResources, SqlText>? Scope { get; set; }

    /// <summary>Only administrators may do anything with it.</summary>
    public bool IsForAdministrators { get; set; }

    /// <summary>Roles that come with the kind.</summary>
    public List<Role> Roles { get; } = [];

    /// <summary>All its deviations from the standard policy.</summary>
    public AccessPolicy? Policy =>
        WritingNeeds.Count == 0
            ? GivenPolicy
            : (GivenPolicy ?? new AccessPolicy()) with
            {
                Statements = [.. Writing, .. GivenPolicy?.Statements ?? []],
            };

    private AccessStatement[] Writing =>
        [
            AccessStatement.Allow(["create"], [AccessConditions.Anywhere(Permission("add")), .. WritingNeeds]),
            AccessStatement.Allow(
                ["update", "partial_update", "set_label", "unset_label"],
                [
                    AccessConditions.Here(Permission("change")),
                    AccessConditions.Here(Permission("view")),
                    .. WritingNeeds,
                ]
            ),
        ];

    /// <summary>The same for the engine; the family's where the plugin says nothing of it.</summary>
    public Func<ResourceKind, IScope, SqlText?>? ScopeOr(Func<ResourceKind, IScope, SqlText?>? family) =>
        Scope is { } seen ? (_, scope) => seen(new SeenResources(scope)) : family;

    public string Permission(string verb) => $"{App}.{verb}_{Record.Name.ToLowerInvariant()}";

    /// <summary>That of a repository's versions.</summary>
    public AccessPolicy? VersionPolicy { get; set; }
}

/// <summary>A member that the database works out.</summary>
/// <param name="Name">On the wire.</param>
/// <param name="Type">What it is.</param>
/// <param name="IsList">Whether it is a list of these.</param>
/// <param name="Sql">The expression.</param>
/// <param name="Help">For the API document.</param>
/// <param name="References">What an id is of.</param>
internal sealed record ShownMember(
    string Name,
    FieldType Type,
    bool IsList,
    SqlText Sql,
    string Help,
    Type? References
);

/// <summary>A filter of the plugin's own.</summary>
/// <param name="Name">The query parameter.</param>
/// <param name="Type">How its value is read.</param>
/// <param name="IsList">Whether it is a list of texts.</param>
/// <param name="Condition">Takes the value in that type.</param>
internal sealed record FilterDeclaration(string Name, FieldType Type, bool IsList, Func<object, SqlText> Condition);

/// <summary>A rule of the plugin's own; <paramref name="current"/> is null at creation.</summary>
internal delegate Task KindRule(
    PulpResource resource,
    PulpResource? current,
    IDb db,
    ValidationErrors errors,
    CancellationToken cancellationToken
);
