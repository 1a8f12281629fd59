namespace Pulp.Core.Tasks;

/// <summary>
/// Who may run when. Every resource has a queue of reservations; one is granted when nothing before it conflicts, and a task is
/// runnable when all of its are granted. Both are kept as data when tasks come and go, so that finding the next runnable task is
/// one step in an index however many wait, and order of creation is kept.
/// </summary>
internal sealed class TaskQueue(TimeProvider clock)
{
    /// <summary>
    /// The statements that put the task's reservations into their queues and note at the task what holds it up. The last one answers
    /// whether nothing does.
    /// </summary>
    public IEnumerable<SqlText> Reserve(IDb tx, Guid task, IReadOnlyList<(string Resource, bool Exclusive)> resources)
    {
        // The locks keep the queues consistent; always taken in the same order. SQLite has one writer: its transaction is the lock.
        if (tx.IsPostgres && resources.Count > 0)
        {
            yield return QueueKeeping.Lock(resources.Select(r => r.Resource));
        }

        foreach (var (resource, exclusive) in resources)
        {
            yield return $"""
                insert into core_taskreservation (task_id, resource, exclusive, granted)
                select {task}, {resource}, {exclusive}, ({QueueKeeping.Ahead(resource, exclusive)}) is null
                """;
        }

        SqlText held = $"(select count(*) from core_taskreservation where task_id = {task} and granted = {false})";
        yield return $"""
            update core_task
               set blocked_by = {held}, unblocked_at = case when {held} = 0 then {clock.GetUtcNow()} else unblocked_at end
             where pulp_id = {task}
            returning blocked_by = 0
            """;
    }

    /// <summary>
    /// The statement that locks the queue of one resource until the end of the transaction, so that what is reserved there stays as
    /// it is; none where the transaction is the lock.
    /// </summary>
    public static IEnumerable<SqlText> LockResource(IDb tx, string resource) =>
        tx.IsPostgres ? [QueueKeeping.Lock($"select cast({resource} as text) as resource")] : [];

    /// <summary>
    /// Ends a task by a statement that answers a row where it may, takes it out of its queues and grants what it held up.
    /// </summary>
    /// <param name="tx">The transaction.</param>
    /// <param name="task">The task.</param>
    /// <param name="end">Ends it, and answers a row if it wasn't ended by somebody else.</param>
    /// <param name="along">What belongs to the end.</param>
    /// <param name="claim">Claims the next task, where that saves a round trip and is wanted.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>How many tasks became runnable, and the row that the claim answered.</returns>
    /// <exception cref="TaskLostException">Somebody else ended it: the transaction must not be committed.</exception>
    public async Task<(int Runnable, object?[]? Claimed)> EndAsync(
        IDb tx,
        Guid task,
        SqlText end,
        IReadOnlyList<SqlText> along,
        SqlText? claim,
        CancellationToken cancellationToken
    )
    {
        var session = (SqlSession)tx;
        if (tx.IsPostgres)
        {
            // A round trip costs more than what it asks for.
            SqlText[] claims = claim is null ? [] : [claim];
            var results = await session.BatchAsync(
                [LockOf($"= {task}"), end, .. along, .. Release(task), .. claims],
                cancellationToken
            );
            return results[1].Count == 0 ? throw new TaskLostException()
                : claim is null ? (Runnable(results[^1]), null)
                : (Runnable(results[^2]), results[^1].Count == 0 ? null : results[^1][0]);
        }

        if ((await session.BatchAsync([end], cancellationToken))[0].Count == 0)
        {
            throw new TaskLostException();
        }

        await session.BatchAsync(along, cancellationToken);
        return (await ReleaseStepwiseAsync(tx, task, cancellationToken), null);
    }

    /// <summary>
    /// To be called before a task's row is changed by somebody who will release it: everybody takes the locks of queues before
    /// those of rows.
    /// </summary>
    public static Task LockAsync(IDb tx, Guid task, CancellationToken cancellationToken) =>
        LockAsync(tx, (SqlText)$"= {task}", cancellationToken);

    /// <summary>The same for several tasks, all of whose queues are locked at once, in order.</summary>
    /// <param name="tx">The transaction.</param>
    /// <param name="tasks">What follows <c>task_id</c> in a condition.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task LockAsync(IDb tx, SqlText tasks, CancellationToken cancellationToken)
    {
        if (tx.IsPostgres)
        {
            await ((SqlSession)tx).BatchAsync([LockOf(tasks)], cancellationToken);
        }
    }

    /// <summary>
    /// Takes the task, whose queues are locked, out of them and grants what it held up; answers how many tasks became runnable.
    /// </summary>
    public async Task<int> ReleaseAsync(IDb tx, Guid task, CancellationToken cancellationToken) =>
        tx.IsPostgres
            ? Runnable((await ((SqlSession)tx).BatchAsync(Release(task), cancellationToken))[^1])
            : await ReleaseStepwiseAsync(tx, task, cancellationToken);

    // What granting has answered; the deletion behind it answers nothing.
    private static int Runnable(IReadOnlyList<object?[]> granted) => granted.Count(row => row[0] is true);

    private static SqlText LockOf(SqlText tasks) =>
        QueueKeeping.Lock($"select resource from core_taskreservation where task_id {tasks}");

    // Own reservations count as gone before they are, so that the resources are still known from them. Nobody who waits in front of
    // one becomes runnable by its going, and who held a resource alone leaves it free. So nothing is read that lies before it:
    // there stand those that have gone, until PostgreSQL clears them away.
    private SqlText[] Release(Guid task) =>
        [
            $"""
                with head as (
                    select h.id, h.exclusive, mine.resource, mine.granted as held, mine.exclusive as held_alone
                      from core_taskreservation mine
                      cross join lateral (select w.id, w.exclusive from core_taskreservation w
                                           where w.resource = mine.resource and w.granted = false and w.id > mine.id
                                           order by w.id limit 1) h
                     where mine.task_id = {task}),
                alone as (
                    update core_taskreservation r set granted = true from head h
                     where h.exclusive and r.id = h.id
                       and ((h.held and h.held_alone)
                            or not exists (select 1 from core_taskreservation o
                                            where o.resource = h.resource and o.granted = true and o.task_id <> {task}))
                    returning r.task_id),
                together as (
                    update core_taskreservation r set granted = true from head h
                     where not h.exclusive and r.resource = h.resource and r.granted = false and r.task_id <> {task}
                       and r.id < coalesce((select min(w.id) from core_taskreservation w
                                             where w.resource = h.resource and w.exclusive and w.granted = false
                                               and w.task_id <> {task}), {long.MaxValue})
                       and (h.held
                            or not exists (select 1 from core_taskreservation o
                                            where o.resource = h.resource and o.exclusive and o.granted = true
                                              and o.task_id <> {task}))
                    returning r.task_id),
                granted as (
                    select task_id, count(*) as number
                      from (select task_id from alone union all select task_id from together) g group by task_id)
                update core_task t
                   set blocked_by = t.blocked_by - g.number,
                       unblocked_at = case when t.blocked_by = g.number then {clock.GetUtcNow()} else t.unblocked_at end
                  from granted g where t.pulp_id = g.task_id
                returning t.blocked_by = 0
                """,
            $"delete from core_taskreservation where task_id = {task}",
        ];

    private async Task<int> ReleaseStepwiseAsync(IDb tx, Guid task, CancellationToken cancellationToken)
    {
        var resources = await tx.ReturningAsync<string>(
            $"delete from core_taskreservation where task_id = {task} returning resource",
            cancellationToken
        );
        var woke = 0;
        foreach (var resource in resources)
        {
            woke += await GrantAsync(tx, resource, cancellationToken);
        }

        return woke;
    }

    private async Task<int> GrantAsync(IDb tx, string resource, CancellationToken cancellationToken)
    {
        var head = await tx.FirstOrDefaultAsync<HeadRow>(
            $"""
            select id, exclusive from core_taskreservation
             where resource = {resource} and granted = {false} order by id limit 1
            """,
            cancellationToken
        );
        if (head is null)
        {
            return 0;
        }

        var tasks = head.Exclusive
            ? await tx.ReturningAsync<Guid>(
                $"""
                update core_taskreservation set granted = {true}
                 where id = {head.Id}
                   and not exists (select 1 from core_taskreservation where resource = {resource} and granted = {true})
                returning task_id
                """,
                cancellationToken
            )
            : await tx.ReturningAsync<Guid>(
                $"""
                update core_taskreservation set granted = {true}
                 where resource = {resource} and granted = {false}
                   and id < coalesce((select min(id) from core_taskreservation
                                       where resource = {resource} and exclusive and granted = {false}), {long.MaxValue})
                   and not exists (select 1 from core_taskreservation
                                    where resource = {resource} and exclusive and granted = {true})
                returning task_id
                """,
                cancellationToken
            );
        if (tasks.Count == 0)
        {
            return 0;
        }

        var left = await tx.ReturningAsync<long>(
            $"""
            update core_task
               set blocked_by = blocked_by - 1,
                   unblocked_at = case when blocked_by = 1 then {clock.GetUtcNow()} else unblocked_at end
             where pulp_id in {tasks}
            returning blocked_by
            """,
            cancellationToken
        );
        return left.Count(l => l == 0);
    }

    private sealed record HeadRow
    {
        public long Id { get; init; }

        public bool Exclusive { get; init; }
    }
}
