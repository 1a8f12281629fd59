using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Rights;

namespace Pulp.Core.Roles;

/// <summary>A role to be given to users and groups, or taken from them.</summary>
internal sealed record RoleChange(
    string Role,
    IReadOnlyList<string> Users,
    IReadOnlyList<string> Groups,
    bool Adds,
    Guid Domain
);

/// <summary>Who has a role on a resource, as the API shows it.</summary>
internal sealed record ShownRole(string Role, IReadOnlyList<string> Users, IReadOnlyList<string> Groups);

/// <summary>Gives and takes roles on single resources: all that is asked for, or nothing.</summary>
internal sealed class ObjectRoleChanges(
    Database database,
    ResourceStore store,
    AccessMemory memory,
    PermissionCatalog permissions,
    TimeProvider clock
)
{
    /// <exception cref="NotFoundException">The resource isn't there.</exception>
    public async Task EnsureThereAsync(
        ResourceKind kind,
        Reach reach,
        ResourceKey key,
        CancellationToken cancellationToken
    )
    {
        if (!await store.ExistsAsync(database, kind, reach, key, cancellationToken))
        {
            throw ResourceChanges.NotFound(kind);
        }
    }

    public async Task<IReadOnlyList<ShownRole>> ListAsync(
        ResourceKind kind,
        ResourceKey key,
        CancellationToken cancellationToken
    )
    {
        var on = AssignedTo.Object(kind, key, Guid.Empty).Where;
        var found = await database.QueryAsync<Given>(
            $"""
            select r.name as role, x.username as "user", null as "group"
              from core_userrole a join core_role r on r.pulp_id = a.role_id join core_user x on x.id = a.user_id where {on}
             union all
            select r.name as role, null as "user", g.name as "group"
              from core_grouprole a join core_role r on r.pulp_id = a.role_id join core_group g on g.id = a.group_id where {on}
            """,
            cancellationToken
        );
        List<Given> all = [.. found];
        foreach (var implied in kind.ImpliedRoles)
        {
            all.AddRange(await ImpliedAsync(kind, key, implied, cancellationToken));
        }

        return
        [
            .. all.GroupBy(g => g.Role, StringComparer.Ordinal)
                .OrderBy(g => g.Key, StringComparer.Ordinal)
                .Select(g => new ShownRole(
                    g.Key,
                    [.. g.Select(x => x.User).OfType<string>().Order(StringComparer.Ordinal)],
                    [.. g.Select(x => x.Group).OfType<string>().Order(StringComparer.Ordinal)]
                )),
        ];
    }

    private Task<IReadOnlyList<Given>> ImpliedAsync(
        ResourceKind kind,
        ResourceKey key,
        ImpliedRole implied,
        CancellationToken cancellationToken
    ) =>
        database.QueryAsync<Given>(
            $"""
            select {implied.Role} as role, x.username as "user", null as "group" from {kind.From} join core_user x on {implied.Where(
                $"x.id"
            )}
             where {Sql.Name(kind.Key)} = {key.Value}
            """,
            cancellationToken
        );

    /// <exception cref="ValidationException">Something of it can't be: nothing was changed.</exception>
    public async Task ApplyAsync(
        ResourceKind kind,
        ResourceKey key,
        RoleChange change,
        CancellationToken cancellationToken
    )
    {
        var state = await memory.CurrentAsync(cancellationToken);
        var errors = new ValidationErrors();
        var role = state.Roles.Find(change.Role);
        if (role is null)
        {
            errors.Add("role", $"Object with name={FilterInput.Shorten(change.Role)} does not exist.");
        }

        var users = await FindAsync("users", "core_user", "username", change.Users, errors, cancellationToken);
        var groups = await FindAsync("groups", "core_group", "name", change.Groups, errors, cancellationToken);
        errors.ThrowIfAny();
        if (role is null)
        {
            return;
        }

        if (kind.ImpliedRoles.FirstOrDefault(i => i.Role == role.Name && i.IsFixed) is not null)
        {
            throw new FieldlessException($"{role.Name} can not be added/removed from a {Names.Words(kind.ModelName)}.");
        }

        if (!role.Permissions.Any(p => permissions.IsAbout(p, kind)))
        {
            throw new ValidationException(
                ValidationErrors.NonField,
                "The role does not contain any permission for that object."
            );
        }

        await database.InTransactionAsync(
            async tx =>
            {
                foreach (var (name, id) in users)
                {
                    await ApplyAsync(tx, kind, key, change, role, ("user", name, id), cancellationToken);
                }

                foreach (var (name, id) in groups)
                {
                    await ApplyAsync(tx, kind, key, change, role, ("group", name, id), cancellationToken);
                }

                await memory.ChangedAsync(tx, cancellationToken);
            },
            cancellationToken
        );
    }

    private async Task ApplyAsync(
        IDb tx,
        ResourceKind kind,
        ResourceKey key,
        RoleChange change,
        KnownRole role,
        (string Kind, string Name, long Id) holder,
        CancellationToken cancellationToken
    )
    {
        var on = AssignedTo.Object(kind, key, change.Domain);
        var changed = await tx.ExecuteAsync(
            change.Adds
                ? Assigning.Insert(holder.Kind, holder.Id, role.Id, on, clock.GetUtcNow())
                : $"""
                delete from {Sql.Name($"core_{holder.Kind}role")}
                 where {Sql.Name($"{holder.Kind}_id")} = {holder.Id} and role_id = {role.Id} and {on.Where}
                """,
            cancellationToken
        );
        if (
            changed == 0
            && !change.Adds
            && holder.Kind == "user"
            && kind.ImpliedRoles.FirstOrDefault(i => i.Role == role.Name) is { Take: { } take }
        )
        {
            changed = await tx.ExecuteAsync(take(key, holder.Id), cancellationToken);
        }

        if (change.Adds)
        {
            await tx.ExecuteAsync(Assigning.Hold(holder.Kind, holder.Id, role.Id, on.Model), cancellationToken);
        }

        if (changed == 0)
        {
            throw new ValidationException(
                ValidationErrors.NonField,
                $"The role is {(change.Adds ? "already" : "not")} assigned to {holder.Kind} '{holder.Name}'."
            );
        }
    }

    /// <summary>The ids of names; those that nobody has are faults.</summary>
    private async Task<IReadOnlyList<(string Name, long Id)>> FindAsync(
        string member,
        string table,
        string column,
        IReadOnlyList<string> names,
        ValidationErrors errors,
        CancellationToken cancellationToken
    )
    {
        if (names.Count == 0)
        {
            return [];
        }

        var rows = await database.QueryAsync<Named>(
            $"select id, {Sql.Name(column)} as name from {Sql.Name(table)} where {Sql.Name(column)} in {names}",
            cancellationToken
        );
        var ids = rows.ToDictionary(r => r.Name, r => r.Id, StringComparer.Ordinal);
        foreach (var name in names.Where(n => !ids.ContainsKey(n)))
        {
            errors.Add(member, $"Object with {column}={FilterInput.Shorten(name)} does not exist.");
        }

        return [.. ids.Select(i => (i.Key, i.Value))];
    }

    private sealed record Named
    {
        public long Id { get; init; }

        public string Name { get; init; } = "";
    }

    private sealed record Given
    {
        public string Role { get; init; } = "";

        public string? User { get; init; }

        public string? Group { get; init; }
    }
}
