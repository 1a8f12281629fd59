using Pulp.Core.Platform.Resources;

namespace Pulp.Core.Rights;

/// <summary>Gives roles on what is created, as the policies' creation hooks say, and takes them with what is deleted.</summary>
/// <param name="policies">Asked for when first needed: policies need what finds resources, which needs this.</param>
/// <param name="memory">Told of what others may have asked for already.</param>
/// <param name="database">The database.</param>
/// <param name="clock">The time.</param>
internal sealed class Ownership(Lazy<PolicyBook> policies, AccessMemory memory, Database database, TimeProvider clock)
    : IOwnership
{
    public async Task CreatedAsync(
        IDb tx,
        ResourceKind kind,
        Reach reach,
        ResourceKey key,
        CancellationToken cancellationToken
    )
    {
        if (!kind.HasRoles)
        {
            return;
        }

        var (policy, state) = await policies.Value.OfAsync(kind.PolicyName, cancellationToken);
        foreach (var hook in policy.Hooks)
        {
            var roles = hook.Roles.Select(name => RoleOf(state, name)).ToList();
            switch (hook.Function)
            {
                case CreationHook.ForCreator when reach.UserId is { } user:
                    await GiveAsync(tx, "user", [user], roles, kind, key, reach.Domain, cancellationToken);
                    break;
                case CreationHook.ForUsers:
                    await GiveAsync(
                        tx,
                        "user",
                        await IdsAsync("user", hook, cancellationToken),
                        roles,
                        kind,
                        key,
                        reach.Domain,
                        cancellationToken
                    );
                    break;
                case CreationHook.ForGroups:
                    await GiveAsync(
                        tx,
                        "group",
                        await IdsAsync("group", hook, cancellationToken),
                        roles,
                        kind,
                        key,
                        reach.Domain,
                        cancellationToken
                    );
                    break;
                default:
                    // The server itself made it: there is nobody to own it.
                    break;
            }
        }

        if (key.IsNumber)
        {
            // Numbers can be guessed: somebody may have asked for this one before it was there.
            await memory.ChangedAsync(tx, cancellationToken);
        }
    }

    public async Task DeletedAsync(IDb tx, ResourceKind kind, ResourceKey key, CancellationToken cancellationToken)
    {
        if (!kind.HasRoles)
        {
            return;
        }

        var (id, number) = AssignedTo.Columns(key);
        foreach (var table in new[] { "core_userrole", "core_grouprole" })
        {
            await tx.ExecuteAsync(
                $"""
                delete from {Sql.Name(table)}
                 where object_id = {id} and object_number = {number} and object_model = {kind.Model}
                """,
                cancellationToken
            );
        }
    }

    private static KnownRole RoleOf(AccessState state, string name) =>
        state.Roles.Find(name)
        ?? throw new BadRequestException(
            $"The access policy gives a role '{name}' on what is created, which isn't there."
        );

    private Task<IReadOnlyList<long>> IdsAsync(string holder, CreationHook hook, CancellationToken cancellationToken) =>
        database.QueryAsync<long>(
            $"""
            select id from {Sql.Name($"core_{holder}")}
             where {Sql.Name(holder == "user" ? "username" : "name")} in {hook.Names}
            """,
            cancellationToken
        );

    private async Task GiveAsync(
        IDb tx,
        string holder,
        IReadOnlyList<long> holders,
        IReadOnlyList<KnownRole> roles,
        ResourceKind kind,
        ResourceKey key,
        Guid domain,
        CancellationToken cancellationToken
    )
    {
        foreach (var (one, role) in holders.SelectMany(_ => roles, (one, role) => (one, role)))
        {
            await tx.ExecuteAsync(
                Assigning.Insert(holder, one, role.Id, AssignedTo.Object(kind, key, domain), clock.GetUtcNow()),
                cancellationToken
            );
        }
    }
}
