using Pulp.Core.Platform.Resources;

namespace Pulp.Core.Rights;

/// <summary>What a user sees: the conditions on lists and look-ups, made of what is known in memory.</summary>
/// <param name="caller">The user.</param>
/// <param name="holder">What the user has everywhere, and in domains.</param>
/// <param name="state">The roles.</param>
/// <param name="domain">The domain for which roles given in it count; the empty id where none do.</param>
/// <param name="policies">The policies in force: they say which kinds are scoped.</param>
/// <param name="registry">The kinds.</param>
internal sealed class Sight(
    Caller caller,
    Holder holder,
    AccessState state,
    Guid domain,
    IReadOnlyDictionary<string, Policy> policies,
    ResourceRegistry registry
) : ISight, IScope
{
    private readonly HeldObjects _held = new(caller, holder, state);
    private readonly Dictionary<ResourceKind, SqlText?> _known = [];

    public Caller Caller => caller;

    public SqlText? Where(ResourceKind kind)
    {
        if (!_known.TryGetValue(kind, out var where))
        {
            _known[kind] = where = Make(kind);
        }

        return where;
    }

    public ResourceKind For(Type record) => registry.For(record);

    public SqlText? Seen(ResourceKind kind, SqlName key) =>
        IsByPermission(kind) ? Held(kind, key, kind.Permission("view"))
        : Select(kind) is { } keys ? (SqlText)$"{key} in ({keys})"
        : null;

    public SqlText? Select(ResourceKind kind) =>
        Keys(kind) is { } keys ? keys.All
        : Where(kind) is { } where ? (SqlText)$"select {Sql.Name(kind.Key)} as page_key from {kind.From} where {where}"
        : null;

    public bool IsDivided => domain != Guid.Empty;

    public SqlText? Here(ResourceKind kind) =>
        !IsDivided || kind.DomainColumn is not { } column ? null : (SqlText)$"{Sql.Name(column)} = {domain}";

    public SeenKeys? Keys(ResourceKind kind)
    {
        // Publications have owners before users see them.
        var isHidden = kind.Visible is not null && !typeof(Repository).IsAssignableFrom(kind.Record);
        if (kind.HasIntegerKey || kind.ImpliedRoles.Count > 0 || isHidden || Where(kind) is not { } where)
        {
            return null;
        }

        if ((kind.ScopeKeys ?? (IsOfOneScope(kind) ? kind.FamilyKeys : null)) is { } standing)
        {
            return standing(kind, this);
        }

        if (kind is { IsGeneric: true, Scope: null } && !IsOfOneScope(kind))
        {
            // No object is of two kinds; those of one kind that aren't disjoint are few.
            var kinds = registry.Assignable(kind.Record).ToLookup(own => Where(own) is null);
            var some = kinds[false].Select(Keys).ToList();
            return some.Contains(item: null)
                ? null
                : KeysOfFamily([.. some.OfType<SeenKeys>(), .. WholeKinds(kind, [.. kinds[true]])]);
        }

        if (IsByPermission(kind))
        {
            SqlText here =
                domain == Guid.Empty || kind.DomainColumn is null ? (SqlText)$"1 = 1" : $"object_domain = {domain}";
            var assigned = _held.Apart(kind, kind.Permission("view"), here);
            return new SeenKeys(assigned, assigned.Count < 2)
            {
                // Whoever makes something may get a role on it, which is no change of roles that is counted.
                Stamp = kind.Behavior.AffectsServing ? SeenKeys.Counted : null,
            };
        }

        return where == Sql.Never
            ? new SeenKeys([], AreDisjoint: true)
            : new SeenKeys(
                [
                    new KeySource(
                        Sql.Name(kind.Key),
                        $"{kind.From} where {where} and {kind.Visible ?? $"1 = 1"} and {Here(kind) ?? $"1 = 1"}",
                        Repeats: false
                    ),
                ],
                AreDisjoint: true
            );
    }

    public bool IsBy(ResourceKind kind, Func<ResourceKind, IScope, SqlText?> scope) =>
        kind.Scope == scope || (kind.FamilyScope == scope && IsOfOneScope(kind));

    public SqlText? Held(ResourceKind kind, SqlName key, string permission)
    {
        if (holder.HasEverywhere(permission) || holder.HasIn(domain, permission))
        {
            return null;
        }

        return _held.Has(kind, key, permission);
    }

    private SqlText? Make(ResourceKind kind)
    {
        if (kind.IsForAdministrators)
        {
            return Sql.Never;
        }

        if (!IsScoped(kind))
        {
            return null;
        }

        if (kind.Scope is { } scope)
        {
            return scope(kind, this);
        }

        if (kind is { Parent: { } parent, ParentField: { } field })
        {
            return Seen(parent.Kind, Sql.Name(kind.Column(field)));
        }

        return IsOfOneScope(kind) ? kind.FamilyScope?.Invoke(kind, this)
            : kind.IsGeneric ? OfFamily(kind, own => Seen(own, Sql.Name(kind.Key)))
            : Held(kind, Sql.Name(kind.Key), kind.Permission("view"));
    }

    /// <summary>The keys of a family's kinds of which all is seen; empty where there are none.</summary>
    private IEnumerable<SeenKeys> WholeKinds(ResourceKind family, IReadOnlyList<ResourceKind> kinds)
    {
        if (kinds.Count > 0)
        {
            SqlText types = Sql.List(kinds.Select(own => (SqlText)$"{own.PulpType}"));
            var rows = new KeySource(
                Sql.Name(family.Key),
                $"{family.Rows} where m.pulp_type in ({types}) and {family.Visible ?? $"1 = 1"} and {Here(family) ?? $"1 = 1"}",
                Repeats: false
            );
            yield return new SeenKeys([rows], AreDisjoint: true)
            {
                Stamp = kinds.All(own => own.Behavior.AffectsServing) ? SeenKeys.Counted : null,
            };
        }
    }

    /// <summary>The keys of each kind of a family. Those that nothing counts are counted to see whether there are as many as before.</summary>
    private static SeenKeys KeysOfFamily(IReadOnlyList<SeenKeys> own)
    {
        var uncounted = own.Where(k => k.Stamp is null).Select(k => (SqlText)$"cast(({k.Count}) as text)").ToList();
        return new SeenKeys([.. own.SelectMany(k => k.Sources)], own.All(k => k.AreDisjoint))
        {
            Stamp =
                own.Count == uncounted.Count
                    ? null
                    : SqlText.Join(" || ' ' || ", [$"select ({SeenKeys.Counted})", .. uncounted]),
        };
    }

    /// <summary>What is seen of each kind of a family, by the column that says a row's kind.</summary>
    private SqlText? OfFamily(ResourceKind family, Func<ResourceKind, SqlText?> seen)
    {
        var kinds = registry.Assignable(family.Record).Select(own => (own.PulpType, Seen: seen(own))).ToList();
        string[] whole = [.. kinds.Where(k => k.Seen is null).Select(k => k.PulpType)];
        SqlText[] parts =
        [
            .. kinds
                .Where(k => k.Seen is not null && k.Seen != Sql.Never)
                .Select(k => (SqlText)$"m.pulp_type = {k.PulpType} and {k.Seen}"),
            .. whole.Length == 0
                ? (SqlText[])[]
                : [$"m.pulp_type in ({Sql.List(whole.Select(type => (SqlText)$"{type}"))})"],
        ];
        return whole.Length == kinds.Count ? null : Sql.Any(parts);
    }

    private bool IsByPermission(ResourceKind kind) =>
        kind is { Scope: null, IsGeneric: false, Parent: null, IsForAdministrators: false } && IsScoped(kind);

    private bool IsScoped(ResourceKind kind) =>
        !policies.TryGetValue(kind.PolicyName, out var policy) || policy.IsScoped;

    /// <summary>Whether one condition says for all kinds of a family what is seen of them.</summary>
    private bool IsOfOneScope(ResourceKind family) =>
        family.FamilyScope is { } shared
        && registry.Assignable(family.Record).All(own => own.Scope == shared && IsScoped(own));
}
