using System.Reflection;
using Pulp.PluginSdk.Plugin;

namespace Pulp.Core.Platform.Resources;

/// <summary>Everything the server knows of one kind of resource. Built once at start from the kind's record.</summary>
internal sealed class ResourceKind
{
    public const string ApiRoot = DomainScope.PlainRoot;

    private readonly Dictionary<string, FieldDescriptor> _byName;
    private SelectedColumns? _columns;

    public ResourceKind(
        string appLabel,
        string typeName,
        Type record,
        string masterTable,
        string? detailTable,
        IReadOnlyDictionary<string, FieldChange>? changes = null
    )
    {
        AppLabel = appLabel;
        Record = record;
        MasterTable = masterTable;
        DetailTable = detailTable;
        ModelName = record.Name;
        PulpType = $"{appLabel}.{typeName}";
        Fields = RecordFields.Of(record, hasDetail: detailTable is not null, changes);
        if (masterTable.Length > 0 && Fields.Any(f => f.Type == FieldType.References))
        {
            throw new DeclarationException($"{record.FullName}: no column holds a list of ids.");
        }

        UniqueSet = [.. (record.GetCustomAttribute<UniqueAttribute>()?.Properties ?? []).Select(FieldOf)];
        _byName = Fields.ToDictionary(f => f.Name, StringComparer.Ordinal);
    }

    /// <summary>A body of requests or answers: fields without a table.</summary>
    public static ResourceKind OfBody(string appLabel, Type record) =>
        new(appLabel, Names.Snake(record.Name), record, masterTable: "", detailTable: null)
        {
            Path = "",
            OperationStem = "",
            Tag = "",
        };

    public string AppLabel { get; }

    public Type Record { get; }

    /// <summary>Model name where it isn't the record's.</summary>
    public string ModelName { get; init; }

    public string PulpType { get; }

    public string MasterTable { get; }

    public string? DetailTable { get; }

    public IReadOnlyList<FieldDescriptor> Fields { get; }

    /// <summary>Fields that are unique together.</summary>
    public IReadOnlyList<FieldDescriptor> UniqueSet { get; }

    /// <summary>Path below the API's root, with a closing slash.</summary>
    public required string Path { get; init; }

    /// <summary>Operation ids begin with it.</summary>
    public required string OperationStem { get; init; }

    /// <summary>Title of its part of the API document.</summary>
    public required string Tag { get; init; }

    public string SchemaName => AppLabel == "core" ? ModelName : $"{AppLabel}.{ModelName}";

    /// <summary>Name of the schema of what reading one resource answers.</summary>
    public string ReadSchemaName => $"{SchemaName}{(MoreWhenRead.Count > 0 ? "Detail" : "")}Response";

    public string HrefParameter
    {
        get => field ?? (PrnApp == "core" ? "" : PrnApp + "_") + Names.Snake(ModelName) + "_href";
        init;
    }

    public string Model => $"{PrnApp}.{ModelName.ToLowerInvariant()}";

    /// <summary>First part of its PRN.</summary>
    public string PrnApp
    {
        get => field ?? AppLabel;
        init;
    }

    /// <summary>Which of the usual operations it has.</summary>
    public Verbs Verbs { get; init; }

    /// <summary>Members, filters and orderings beside those that follow from its fields.</summary>
    public Action<ResourceKind, KindContext>? Members { get; init; }

    /// <summary>What it adds to the generated create, update and delete.</summary>
    public Func<IServiceProvider, KindBehavior>? MakeBehavior { get; init; }

    /// <summary>Its operations beside the usual ones.</summary>
    public Action<ResourceKind, IServiceProvider>? Operations { get; init; }

    /// <summary>Operations of its family that it hasn't.</summary>
    public Operations Without { get; init; }

    public KindBehavior Behavior { get; private set; } = new();

    /// <summary>Adds what follows from the fields, and what the kind adds to it, once all kinds are known.</summary>
    public void Complete(ResourceRegistry registry, IServiceProvider services)
    {
        KindCompletion.Complete(this, registry);
        Members?.Invoke(this, KindContext.Of(registry, services));
        Behavior = MakeBehavior?.Invoke(services) ?? Behavior;
    }

    /// <summary>Members of its JSON, in order.</summary>
    public List<OutputField> Outputs { get; } = [];

    /// <summary>Members that are too long for lists: only reading one resource shows them.</summary>
    public List<OutputField> MoreWhenRead { get; } = [];

    /// <summary>The members that <c>?minimal=true</c> leaves; without any the parameter has no meaning.</summary>
    public IReadOnlySet<string> MinimalOutputs { get; set; } = new HashSet<string>(StringComparer.Ordinal);

    /// <summary>The columns that these members need; those of all are worked out once, when the kind is complete.</summary>
    public SelectedColumns Columns(IReadOnlyList<OutputField> members) =>
        ReferenceEquals(members, Outputs) ? _columns ??= new SelectedColumns(Outputs) : new SelectedColumns(members);

    /// <summary>Members its requests may carry beside its fields.</summary>
    public List<(string Name, System.Text.Json.Nodes.JsonObject Schema)> ExtraInputs { get; } = [];

    /// <summary>Filters of its list.</summary>
    public Dictionary<string, Filter> Filters { get; } = new(StringComparer.Ordinal);

    /// <summary>How its lists are ordered where nobody says it; null for the newest first.</summary>
    public string? Order { get; init; }

    /// <summary>What lists may be ordered by: name to SQL.</summary>
    public SortedDictionary<string, string> Orderings { get; } = new(StringComparer.Ordinal);

    /// <summary>Joins beside the master's and detail's tables; aliases are the family's own.</summary>
    public SqlText? Joined { get; init; }

    /// <summary>The same for joins that never change how many rows there are: nobody needs them to count or to find a page.</summary>
    public SqlText? LeftJoined { get; set; }

    /// <summary>A condition that always holds, such as what is hidden from users.</summary>
    public SqlText? Visible { get; init; }

    /// <summary>The key's column; ids are UUIDs except for users.</summary>
    public string KeyColumn { get; init; } = "pulp_id";

    public bool HasIntegerKey => KeyColumn != "pulp_id";

    /// <summary>The property that holds the key.</summary>
    public string KeyProperty
    {
        get => field ?? (HasIntegerKey ? "Id" : nameof(PulpResource.PulpId));
        init;
    }

    /// <summary>The column of <see cref="From"/> that holds the row's domain; null for kinds that all domains share.</summary>
    public string? DomainColumn { get; init; }

    /// <summary>What Pulp calls its access policy: its path.</summary>
    public string PolicyName => Parent is null ? Path.TrimEnd('/') : $"{Parent.Kind.PolicyName}/{Parent.PathName}";

    /// <summary>What a plugin says of its policy.</summary>
    public AccessPolicy? Policy { get; init; }

    /// <summary>What a plugin says of the policy of its versions.</summary>
    public AccessPolicy? VersionPolicy { get; init; }

    /// <summary>What Pulp calls the access policy of its versions.</summary>
    public string VersionPolicyName => $"{PolicyName}/versions";

    /// <summary>Only administrators may do anything with it: there is no policy.</summary>
    public bool IsForAdministrators { get; init; }

    /// <summary>Whoever knows where one is may refer to it, though only administrators see it.</summary>
    public bool IsForAllToName { get; init; }

    /// <summary>Whether roles are given on its single resources.</summary>
    public bool HasRoles => Verbs.HasFlag(Verbs.Roles);

    /// <summary>Roles that its rows themselves say somebody has on them.</summary>
    public IReadOnlyList<ImpliedRole> ImpliedRoles { get; init; } = [];

    /// <summary>Which rows somebody sees, where that isn't by the permission to view them; null for all.</summary>
    public Func<ResourceKind, IScope, SqlText?>? Scope { get; init; }

    /// <summary>For the list of a family: the <see cref="Scope"/> of its kinds that have none of their own.</summary>
    public Func<ResourceKind, IScope, SqlText?>? FamilyScope { get; init; }

    /// <summary>Where the keys of the rows stand that are seen by the <see cref="Scope"/>, where that is quicker than to ask each row.</summary>
    public Func<ResourceKind, IScope, SeenKeys>? ScopeKeys { get; init; }

    /// <summary>For the list of a family: the <see cref="ScopeKeys"/> of its kinds.</summary>
    public Func<ResourceKind, IScope, SeenKeys>? FamilyKeys { get; init; }

    /// <summary>The kind below whose resources its own are found; null for most.</summary>
    public ParentKind? Parent { get; init; }

    public FieldDescriptor? ParentField => Parent is null ? null : FieldOf(Parent.Property);

    /// <summary>The alias whose key drives lists: the detail's where there is one.</summary>
    public string Alias => DetailTable is null ? "m" : "d";

    public string Key => $"{Alias}.{KeyColumn}";

    /// <summary>The table that <see cref="Key"/> is of, under its alias.</summary>
    public SqlName KeyTable => Sql.Name($"{DetailTable ?? MasterTable} {Alias}");

    /// <summary>What has to follow <see cref="KeyTable"/> in a <c>from</c> clause for every condition.</summary>
    private SqlText Joins =>
        DetailTable is null
            ? Joined ?? $""
            : $"join {Sql.Name(MasterTable)} m on m.pulp_id = d.pulp_id {Joined ?? $""}";

    /// <summary>What has to follow <see cref="KeyTable"/> in a <c>from</c> clause for every member.</summary>
    public SqlText AllJoins => $"{Joins} {LeftJoined ?? $""}";

    /// <summary>What every condition can be asked of.</summary>
    public SqlText Rows => $"{KeyTable} {Joins}";

    /// <summary>What every member can be read from.</summary>
    public SqlText From => $"{KeyTable} {AllJoins}";

    /// <summary>Whether <see cref="KeyTable"/> is all that conditions can be asked of.</summary>
    public bool IsInKeyTable => DetailTable is null && Joined is null;

    /// <summary>Whether <see cref="KeyTable"/> alone says how many rows there are that meet no other condition.</summary>
    public bool CountsByKeyTable => Visible is null && Joined is null;

    public FieldDescriptor? Field(string name) => _byName.GetValueOrDefault(name);

    public FieldDescriptor FieldOf(string propertyName) => Fields.First(f => f.PropertyName == propertyName);

    /// <summary>Whether its rows come in kinds, of which this gathers all.</summary>
    public bool IsGeneric => Record.IsAbstract;

    public string Column(FieldDescriptor field) => (field.OnDetail ? "d." : "m.") + field.Column;

    public string Permission(string verb) => $"{PrnApp}.{verb}_{ModelName.ToLowerInvariant()}";
}
