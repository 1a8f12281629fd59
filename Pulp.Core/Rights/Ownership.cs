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
        foreach (var hook in policy.Hooks)
        {
            var holder = hook.Function == CreationHook.ForGroups ? "group" : "user";
            foreach (var id in await HoldersAsync(hook, holder, reach, cancellationToken))
            {
                given.AddRange(
                    hook.Roles.Select(role =>
                        Assigning.Insert(holder, id, RoleOf(state, role).Id, on, clock.GetUtcNow())
                    )
                );
            }
        }

        if (given.Count > 0)
        {
            await ((SqlSession)tx).BatchAsync(given, cancellationToken);
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
        SqlText Taken(string table) =>
            $"""
                delete from {Sql.Name(table)}
                 where object_id = {id} and object_number = {number} and object_model = {kind.Model}
                """;
        await ((SqlSession)tx).BatchAsync([Taken("core_userrole"), Taken("core_grouprole")], cancellationToken);
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
