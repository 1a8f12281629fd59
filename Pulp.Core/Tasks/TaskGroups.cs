namespace Pulp.Core.Tasks;

/// <summary>Makes groups of tasks.</summary>
internal sealed class TaskGroups(Database database, TimeProvider clock)
{
    /// <summary>Makes a group and has its tasks sent; the group says that they all were, once that returns.</summary>
    public async Task<Guid> SendAsync(
        Guid domain,
        string description,
        Func<Guid, CancellationToken, Task> send,
        CancellationToken cancellationToken
    )
    {
        var now = clock.GetUtcNow();
        var group = Ids.New(now);
        await database.ExecuteAsync(
            $"""
            insert into core_taskgroup (pulp_id, pulp_created, pulp_last_updated, pulp_domain_id, description, all_tasks_dispatched)
            values ({group}, {now}, {now}, {domain}, {description}, {false})
            """,
            cancellationToken
        );
        await send(group, cancellationToken);
        await database.ExecuteAsync(
            $"update core_taskgroup set all_tasks_dispatched = {true} where pulp_id = {group}",
            cancellationToken
        );
        return group;
    }
}
