using Pulp.Core.Platform.Memory;
using Pulp.Core.Platform.Resources;

namespace Pulp.Core.Rights;

/// <summary>What is known between two changes. It is never changed itself: what is read for an old state dies with it.</summary>
internal sealed class AccessState(long stamp, RoleBook roles, IReadOnlyList<PolicyRow> policies, Database database)
{
    // A few hundred bytes each.
    private readonly RecentlyUsed<long, Holder> _holders = new(capacity: 10_000);
    private readonly RecentlyUsed<(string Model, ResourceKey Key), IReadOnlyList<ObjectRole>> _objects = new(
        capacity: 50_000
    );

    public long Stamp => stamp;

    public RoleBook Roles => roles;

    public IReadOnlyList<PolicyRow> Policies => policies;

    /// <summary>What a user has everywhere and in domains, and the user's groups.</summary>
    public async ValueTask<Holder> HolderAsync(long user, CancellationToken cancellationToken)
    {
        if (_holders.Find(user) is { } known)
        {
            return known;
        }

        var groups = await database.QueryAsync<GroupRow>(
            $"select g.id, g.name from core_groupuser m join core_group g on g.id = m.group_id where m.user_id = {user}",
            cancellationToken
        );
        var given = await database.QueryAsync<GivenRole>(
            $"""
            select role_id, in_domain from core_userrole where user_id = {user} and object_model = ''
             union all
            select r.role_id, r.in_domain from core_groupuser g join core_grouprole r on r.group_id = g.group_id
             where g.user_id = {user} and r.object_model = ''
            """,
            cancellationToken
        );
        var held = await database.QueryAsync<HeldRole>(
            $"""
            select group_id, object_model, role_id from core_heldrole where user_id = {user}
             union all
            select h.group_id, h.object_model, h.role_id from core_groupuser g join core_heldrole h on h.group_id = g.group_id
             where g.user_id = {user}
            """,
            cancellationToken
        );
        var holder = new Holder(
            user,
            [.. groups.Select(g => g.Id)],
            groups.Select(g => g.Name).ToHashSet(StringComparer.Ordinal),
            Permissions(given),
            held.ToLookup(h => h.ObjectModel, StringComparer.Ordinal)
        );
        _holders.Put(user, holder);
        return holder;
    }

    /// <summary>Who has which roles on an object.</summary>
    public async ValueTask<IReadOnlyList<ObjectRole>> OnAsync(
        ResourceKind kind,
        ResourceKey key,
        CancellationToken cancellationToken
    )
    {
        if (_objects.Find((kind.Model, key)) is { } known)
        {
            return known;
        }

        var (id, number) = AssignedTo.Columns(key);
        var found = await database.QueryAsync<ObjectRole>(
            $"""
            select role_id, user_id, 0 as group_id from core_userrole
             where object_id = {id} and object_number = {number} and object_model = {kind.Model}
             union all
            select role_id, 0 as user_id, group_id from core_grouprole
             where object_id = {id} and object_number = {number} and object_model = {kind.Model}
            """,
            cancellationToken
        );
        _objects.Put((kind.Model, key), found);
        return found;
    }

    private Dictionary<Guid, HashSet<string>> Permissions(IEnumerable<GivenRole> given) =>
        given
            .GroupBy(g => g.InDomain)
            .ToDictionary(
                g => g.Key,
                g =>
                    g.SelectMany(role => roles.Find(role.RoleId)?.Permissions ?? new HashSet<string>())
                        .ToHashSet(StringComparer.Ordinal)
            );

    private sealed record GroupRow
    {
        public long Id { get; init; }

        public string Name { get; init; } = "";
    }

    private sealed record GivenRole
    {
        public Guid RoleId { get; init; }

        public Guid InDomain { get; init; }
    }
}

/// <summary>A role that a user or a group has on an object; the other is 0.</summary>
internal sealed record ObjectRole
{
    public Guid RoleId { get; init; }

    public long UserId { get; init; }

    public long GroupId { get; init; }
}

/// <summary>A role that a user, or a group, may have on objects of a model.</summary>
internal sealed record HeldRole
{
    /// <summary>The group; 0 where the user has it by himself.</summary>
    public long GroupId { get; init; }

    public string ObjectModel { get; init; } = "";

    public Guid RoleId { get; init; }
}

/// <summary>What a user has everywhere and in domains.</summary>
/// <param name="User">The user.</param>
/// <param name="Groups">The groups the user is in.</param>
/// <param name="GroupNames">Their names.</param>
/// <param name="Permissions">Permissions by domain; under the empty id those that are held everywhere.</param>
/// <param name="OnObjects">
/// By model, the roles that the user or a group of the user's has on some object of it. None is missing; one whose last object is gone
/// may still be there.
/// </param>
internal sealed record Holder(
    long User,
    IReadOnlyList<long> Groups,
    IReadOnlySet<string> GroupNames,
    IReadOnlyDictionary<Guid, HashSet<string>> Permissions,
    ILookup<string, HeldRole> OnObjects
)
{
    /// <summary>Whether a permission is held everywhere.</summary>
    public bool HasEverywhere(string permission) => HasIn(Guid.Empty, permission);

    /// <summary>Whether a permission is held in a domain by a role given for it.</summary>
    public bool HasIn(Guid domain, string permission) =>
        Permissions.TryGetValue(domain, out var held) && held.Contains(permission);

    /// <summary>Whether a role on an object is the user's.</summary>
    public bool Has(ObjectRole role) => role.UserId == User || (role.GroupId != 0 && Groups.Contains(role.GroupId));
}
