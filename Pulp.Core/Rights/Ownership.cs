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
        var on = AssignedTo.Object(kind, key, reach.Domain);
        var given = new List<SqlText>();
        var isNews = key.IsNumber;
        foreach (var hook in policy.Hooks)
        {
            var holder = hook.Function == CreationHook.ForGroups ? "group" : "user";
            foreach (var id in await HoldersAsync(hook, holder, reach, cancellationToken))
            {
                foreach (var role in hook.Roles.Select(role => RoleOf(state, role).Id))
                {
                    given.Add(Assigning.Insert(holder, id, role, on, clock.GetUtcNow()));
                    isNews |= await HoldAsync(tx, state, holder, id, (kind.Model, role), cancellationToken);
                }
            }
        }

        if (given.Count > 0)
        {
            await ((SqlSession)tx).BatchAsync(given, cancellationToken);
        }

        // Numbers can be guessed: somebody may have asked for this one before it was there.
        if (isNews)
        {
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
        SqlText Taken(string table) =>
            $"""
                delete from {Sql.Name(table)}
                 where object_id = {id} and object_number = {number} and object_model = {kind.Model}
                """;
        await ((SqlSession)tx).BatchAsync([Taken("core_userrole"), Taken("core_grouprole")], cancellationToken);
    }

    /// <summary>Notes that somebody has a role on objects of a model; whether that wasn't known yet.</summary>
    private static async Task<bool> HoldAsync(
        IDb tx,
        AccessState state,
        string holder,
        long id,
        (string Model, Guid Role) what,
        CancellationToken cancellationToken
    )
    {
        if (holder == "user")
        {
            var known = await state.HolderAsync(id, cancellationToken);
            if (known.OnObjects[what.Model].Any(h => h.GroupId == 0 && h.RoleId == what.Role))
            {
                return false;
            }
        }

        return await tx.ExecuteAsync(Assigning.Hold(holder, id, what.Role, what.Model), cancellationToken) > 0;
    }

    private static KnownRole RoleOf(AccessState state, string name) =>
        state.Roles.Find(name)
        ?? throw new BadRequestException(
            $"The access policy gives a role '{name}' on what is created, which isn't there."
        );

    /// <summary>Whom a hook means. What the server itself makes has no creator, and nobody owns it.</summary>
    private async Task<IReadOnlyList<long>> HoldersAsync(
        CreationHook hook,
        string holder,
        Reach reach,
        CancellationToken cancellationToken
    ) =>
        hook.Function == CreationHook.ForCreator
            ? reach.UserId is { } creator
                ? [creator]
                : []
            : await database.QueryAsync<long>(
                $"""
                select id from {Sql.Name($"core_{holder}")}
                 where {Sql.Name(holder == "user" ? "username" : "name")} in {hook.Names}
                """,
                cancellationToken
            );
}
