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
        : Where(kind) is { } where ? (SqlText)$"{key} in (select {Sql.Name(kind.Key)} from {kind.From} where {where})"
        : null;

    public SqlText? Keys(ResourceKind kind)
    {
        // Publications have owners before users see them.
        var isHidden = kind.Visible is not null && !typeof(Repository).IsAssignableFrom(kind.Record);
        if (kind.HasIntegerKey || kind.ImpliedRoles.Count > 0 || isHidden || Where(kind) is not { } where)
        {
            return null;
        }

        if (kind is { IsGeneric: true, Scope: null })
        {
            var own = registry.Assignable(kind.Record).Select(Keys).ToList();
            return own.Contains(item: null) ? null : Sql.Union(own.OfType<SqlText>());
        }

        var roles = state.Roles.Giving(kind.Permission("view"));
        if (IsByPermission(kind) && roles.Count > 0)
        {
            SqlText here = domain == Guid.Empty ? (SqlText)$"1 = 1" : $"object_domain = {domain}";
            return Assigned(kind, roles, here);
        }

        var reach =
            domain == Guid.Empty || kind.DomainColumn is not { } column
                ? (SqlText)$"1 = 1"
                : $"{Sql.Name(column)} = {domain}";
        return $"select {Sql.Name(kind.Key)} as id from {kind.From} where {where} and {kind.Visible ?? $"1 = 1"} and {reach}";
    }

    public SqlText? Held(ResourceKind kind, SqlName key, string permission)
    {
        if (holder.HasEverywhere(permission) || holder.HasIn(domain, permission))
        {
            return null;
        }

        var roles = state.Roles.Giving(permission);
        SqlText[] implied =
        [
            .. kind
                .ImpliedRoles.Where(i => state.Roles.Find(i.Role)?.Permissions.Contains(permission) == true)
                .Select(i => Implied(kind, key, i)),
        ];
        SqlText assigned = roles.Count == 0 ? (SqlText)$"1 = 0" : $"{key} in ({Assigned(kind, roles, $"1 = 1")})";
        return implied.Length == 0 ? assigned : Sql.Any([.. implied, assigned]);
    }

    /// <summary>The objects on which the user, or a group of the user's, has one of the roles.</summary>
    private SqlText Assigned(ResourceKind kind, IReadOnlyList<Guid> roles, SqlText here)
    {
        var column = Sql.Name(kind.HasIntegerKey ? "object_number" : "object_id");
        SqlText own = $"""
            select {column} as id from core_userrole
             where user_id = {caller.Id} and role_id in {roles} and object_model = {kind.Model} and {here}
            """;
        return holder.Groups.Count == 0
            ? own
            : $"""
                {own}
                 union all
                select {column} as id from core_grouprole
                 where group_id in {Numbers(
                    holder.Groups
                )} and role_id in {roles} and object_model = {kind.Model} and {here}
                """;
    }

    private SqlText Implied(ResourceKind kind, SqlName key, ImpliedRole role) =>
        key == Sql.Name(kind.Key)
            ? role.Where($"{caller.Id}")
            : $"{key} in (select {Sql.Name(kind.Key)} from {kind.From} where {role.Where($"{caller.Id}")})";

    private static SqlText Numbers(IReadOnlyList<long> numbers) =>
        $"({Sql.List(numbers.Select(n => (SqlText)$"{n}"))})";

    private SqlText? Make(ResourceKind kind)
    {
        if (kind.IsForAdministrators)
        {
            return $"1 = 0";
        }

        if (policies.TryGetValue(kind.PolicyName, out var policy) && !policy.IsScoped)
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

        return kind.IsGeneric
            ? OfFamily(kind, own => Seen(own, Sql.Name(kind.Key)))
            : Held(kind, Sql.Name(kind.Key), kind.Permission("view"));
    }

    /// <summary>What is seen of each kind of a family, by the column that says a row's kind.</summary>
    private SqlText? OfFamily(ResourceKind family, Func<ResourceKind, SqlText?> seen)
    {
        var kinds = registry.Assignable(family.Record).Select(own => (own.PulpType, Seen: seen(own))).ToList();
        string[] whole = [.. kinds.Where(k => k.Seen is null).Select(k => k.PulpType)];
        SqlText[] parts =
        [
            .. kinds.Where(k => k.Seen is not null).Select(k => (SqlText)$"m.pulp_type = {k.PulpType} and {k.Seen}"),
            .. whole.Length == 0 ? (SqlText[])[] : [$"m.pulp_type in {whole}"],
        ];
        return whole.Length == kinds.Count ? null : Sql.Any(parts);
    }

    private bool IsByPermission(ResourceKind kind) =>
        kind is { Scope: null, IsGeneric: false, Parent: null, IsForAdministrators: false }
        && !(policies.TryGetValue(kind.PolicyName, out var policy) && !policy.IsScoped);
}
