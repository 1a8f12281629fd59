using Pulp.Core.Platform.Resources;
using Pulp.Core.Platform.Tenancy;

namespace Pulp.Core.Rights;

/// <summary>Who holds which permission: everywhere, in a domain or on an object. Answers come from memory.</summary>
internal sealed class PermissionHolders(
    AccessMemory memory,
    PermissionCatalog permissions,
    DomainDirectory domains,
    Database database
)
{
    public ValueTask<AccessState> StateAsync(CancellationToken cancellationToken) =>
        memory.CurrentAsync(cancellationToken);

    /// <summary>Whether the caller holds the permission: everywhere, in the domain, or on the object.</summary>
    /// <param name="caller">Who; nobody holds nothing, and a token that may only read lets nobody change anything.</param>
    /// <param name="permission">In full.</param>
    /// <param name="domain">The domain.</param>
    /// <param name="on">The object; null for none.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async ValueTask<bool> HoldsAsync(
        Caller? caller,
        string permission,
        Guid domain,
        (ResourceKind Kind, ResourceKey Key)? on,
        CancellationToken cancellationToken
    ) =>
        (caller is not { MayOnlyRead: true } || IsToRead(permission))
        && (
            await EverywhereAsync(caller, permission, cancellationToken)
            || await InDomainAsync(caller, permission, domain, cancellationToken)
            || (on is { } known && await OnAsync(caller, permission, known.Kind, known.Key, cancellationToken))
        );

    private static bool IsToRead(string permission) =>
        permission[(permission.IndexOf('.', StringComparison.Ordinal) + 1)..] is var verb
        && (
            verb.StartsWith("view_", StringComparison.Ordinal)
            || verb.StartsWith("pull_container", StringComparison.Ordinal)
            || verb.StartsWith("download_", StringComparison.Ordinal)
        );

    /// <summary>Whether the caller holds the permission everywhere.</summary>
    public async ValueTask<bool> EverywhereAsync(
        Caller? caller,
        string permission,
        CancellationToken cancellationToken
    ) =>
        caller is not null
        && (caller.IsSuperuser || (await HolderAsync(caller, cancellationToken)).HasEverywhere(permission));

    /// <summary>Whether the caller holds the permission in a domain, by a role given for it: where domains are switched on.</summary>
    public async ValueTask<bool> InDomainAsync(
        Caller? caller,
        string permission,
        Guid domain,
        CancellationToken cancellationToken
    ) =>
        caller is not null
        && (
            caller.IsSuperuser
            || (domains.IsNamed && (await HolderAsync(caller, cancellationToken)).HasIn(domain, permission))
        );

    /// <summary>Whether the caller holds the permission on an object, by a role given on it.</summary>
    public async ValueTask<bool> OnAsync(
        Caller? caller,
        string permission,
        ResourceKind kind,
        ResourceKey key,
        CancellationToken cancellationToken
    )
    {
        if (caller is null)
        {
            return false;
        }

        if (caller.IsSuperuser)
        {
            return true;
        }

        var state = await memory.CurrentAsync(cancellationToken);
        if (state.Roles.Giving(permission).Count == 0)
        {
            return false;
        }

        var holder = await state.HolderAsync(caller.Id, cancellationToken);
        foreach (
            var role in holder.OnObjects.Contains(kind.Model) ? await state.OnAsync(kind, key, cancellationToken) : []
        )
        {
            if (holder.Has(role) && state.Roles.Find(role.RoleId)?.Permissions.Contains(permission) == true)
            {
                return true;
            }
        }

        foreach (
            var implied in kind.ImpliedRoles.Where(i =>
                state.Roles.Find(i.Role)?.Permissions.Contains(permission) == true
            )
        )
        {
            if (await IsImpliedAsync(implied, caller, kind, key, cancellationToken))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether the object's row itself says that the caller has the role.</summary>
    private async ValueTask<bool> IsImpliedAsync(
        ImpliedRole role,
        Caller caller,
        ResourceKind kind,
        ResourceKey key,
        CancellationToken cancellationToken
    ) =>
        await database.FirstOrDefaultAsync<long>(
            $"""
            select 1 from {kind.From}
             where {Sql.Name(kind.Key)} = {key.Value} and {role.Where($"{caller.Id}")}
            """,
            cancellationToken
        ) == 1;

    /// <summary>What the caller may do with an object by roles given on it alone.</summary>
    public async Task<IReadOnlyList<string>> GivenOnAsync(
        Caller caller,
        ResourceKind kind,
        ResourceKey key,
        CancellationToken cancellationToken
    )
    {
        var state = await memory.CurrentAsync(cancellationToken);
        var holder = await state.HolderAsync(caller.Id, cancellationToken);
        var roles = (await state.OnAsync(kind, key, cancellationToken))
            .Where(holder.Has)
            .Select(role => state.Roles.Find(role.RoleId))
            .ToList();
        foreach (var implied in kind.ImpliedRoles)
        {
            if (await IsImpliedAsync(implied, caller, kind, key, cancellationToken))
            {
                roles.Add(state.Roles.Find(implied.Role));
            }
        }

        return
        [
            .. roles
                .SelectMany(role => role?.Permissions ?? new HashSet<string>())
                .Where(permission => permissions.IsAbout(permission, kind))
                .Distinct(StringComparer.Ordinal)
                .Order(StringComparer.Ordinal),
        ];
    }

    private async ValueTask<Holder> HolderAsync(Caller caller, CancellationToken cancellationToken) =>
        await (await memory.CurrentAsync(cancellationToken)).HolderAsync(caller.Id, cancellationToken);
}
