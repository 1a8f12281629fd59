using Pulp.Core.Platform.Resources;

namespace Pulp.Core.Rights;

/// <summary>Where the objects stand on which a user, or a group of the user's, has a role that gives a permission.</summary>
internal sealed class HeldObjects(Caller caller, Holder holder, AccessState state)
{
    /// <summary>A page is put together from as many roles of holders at most.</summary>
    private const int MostApart = 8;

    /// <summary>Those of one holder and role, which are in the order of lists, apart from the others, unless there are too many of these.</summary>
    public IReadOnlyList<KeySource> Apart(ResourceKind kind, string permission, SqlText here) =>
        Assigned(kind, permission, here, MostApart);

    /// <summary>Whether a key is among them, also by a role that the row itself says somebody has.</summary>
    public SqlText Has(ResourceKind kind, SqlName key, string permission)
    {
        SqlText[] implied =
        [
            .. kind
                .ImpliedRoles.Where(i => Gives(state.Roles.Find(i.Role), permission))
                .Select(i => Implied(kind, key, i)),
        ];
        return Sql.Any([
            .. implied,
            .. Assigned(kind, permission, $"1 = 1", mostApart: 0).Select(source => source.Has(key)),
        ]);
    }

    private IReadOnlyList<KeySource> Assigned(ResourceKind kind, string permission, SqlText here, int mostApart)
    {
        var held = holder.OnObjects[kind.Model].Where(h => Gives(state.Roles.Find(h.RoleId), permission)).ToList();
        var column = Sql.Name(kind.HasIntegerKey ? "object_number" : "object_id");
        KeySource Source(string given, IReadOnlyList<long> holders, IReadOnlyList<HeldRole> roles) =>
            new(
                column,
                $"""
                {Sql.Name($"core_{given}role")}
                 where {Sql.Name($"{given}_id")} in ({Sql.List(holders.Select(id => (SqlText)$"{id}"))})
                   and object_model = {kind.Model}
                   and role_id in ({Sql.List(roles.Select(r => r.RoleId).Distinct().Select(id => (SqlText)$"{id}"))})
                   and {here}
                """,
                Repeats: roles.Count > 1
            );

        if (held.Count <= mostApart)
        {
            return
            [
                .. held.Select(h =>
                    h.GroupId == 0 ? Source("user", [caller.Id], [h]) : Source("group", [h.GroupId], [h])
                ),
            ];
        }

        HeldRole[] own = [.. held.Where(h => h.GroupId == 0)];
        HeldRole[] groups = [.. held.Where(h => h.GroupId != 0)];
        return
        [
            .. own.Length == 0 ? (KeySource[])[] : [Source("user", [caller.Id], own)],
            .. groups.Length == 0
                ? (KeySource[])[]
                : [Source("group", [.. groups.Select(g => g.GroupId).Distinct()], groups)],
        ];
    }

    private static bool Gives(KnownRole? role, string permission) => role?.Permissions.Contains(permission) == true;

    private SqlText Implied(ResourceKind kind, SqlName key, ImpliedRole role) =>
        key == Sql.Name(kind.Key)
            ? role.Where($"{caller.Id}")
            : $"{key} in (select {Sql.Name(kind.Key)} from {kind.From} where {role.Where($"{caller.Id}")})";
}
