using Pulp.Core.Platform.Resources;
using Pulp.Core.Rights;

namespace Pulp.Core.Groups;

/// <summary>What changes with groups and their members: who may do what.</summary>
internal sealed class GroupChanges(Database database, AccessMemory memory)
{
    /// <summary>What a group takes along when it goes.</summary>
    public KindBehavior Behavior() =>
        new()
        {
            AfterWrite = (tx, _, input, cancellationToken) =>
                input.Key is null ? Task.CompletedTask : memory.ChangedAsync(tx, cancellationToken),
            BeforeDelete = async (tx, key, _, cancellationToken) =>
            {
                await tx.ExecuteAsync($"delete from core_groupuser where group_id = {key.Number}", cancellationToken);
                await tx.ExecuteAsync($"delete from core_grouprole where group_id = {key.Number}", cancellationToken);
                await tx.ExecuteAsync($"delete from core_heldrole where group_id = {key.Number}", cancellationToken);
                await memory.ChangedAsync(tx, cancellationToken);
            },
        };

    /// <summary>Makes a user a member; who is one stays one, also where somebody else who said so takes it back.</summary>
    public Task AddAsync(long group, long user, CancellationToken cancellationToken) =>
        database.InTransactionAsync(
            async tx =>
            {
                await tx.ExecuteAsync(
                    $"""
                    insert into core_groupuser (group_id, user_id)
                    select g.id, u.id from core_group g, core_user u where g.id = {group} and u.id = {user}
                    on conflict (group_id, user_id) do update set source = ''
                    """,
                    cancellationToken
                );
                await memory.ChangedAsync(tx, cancellationToken);
            },
            cancellationToken
        );

    /// <summary>Ends a membership; false where there was none.</summary>
    public Task<bool> RemoveAsync(long group, long user, CancellationToken cancellationToken) =>
        database.InTransactionAsync(
            async tx =>
            {
                var removed = await tx.ExecuteAsync(
                    $"delete from core_groupuser where group_id = {group} and user_id = {user}",
                    cancellationToken
                );
                await memory.ChangedAsync(tx, cancellationToken);
                return removed > 0;
            },
            cancellationToken
        );
}
