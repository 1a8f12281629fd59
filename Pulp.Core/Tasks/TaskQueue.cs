using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Pulp.Core.Tasks;

/// <summary>
/// Who may run when. Every resource has a queue of reservations; one is granted when nothing before it conflicts, and a task is
/// runnable when all of its are granted. Both are kept as data when tasks come and go, so that finding the next runnable task is
/// one step in an index however many wait, and order of creation is kept.
/// </summary>
internal sealed class TaskQueue(TimeProvider clock)
{
    /// <summary>Puts the task's reservations into their queues; answers how many are held up.</summary>
    public async Task<long> ReserveAsync(
        IDb tx,
        Guid task,
        IReadOnlyList<(string Resource, bool Exclusive)> resources,
        CancellationToken cancellationToken
    )
    {
        long held = 0;
        foreach (var (resource, exclusive) in resources)
        {
            // What is asked for exclusively waits for everybody before it, what is shared only for exclusive ones.
            var granted = await tx.ReturningAsync<bool>(
                $"""
                insert into core_taskreservation (task_id, resource, exclusive, granted)
                select {task}, {resource}, {exclusive},
                       not exists (select 1 from core_taskreservation
                                    where resource = {resource} and ({exclusive} or exclusive))
                returning granted
                """,
                cancellationToken
            );
            held += granted[0] ? 0 : 1;
        }

        return held;
    }

    /// <summary>Takes the locks that keep the queues of these resources consistent; always in the same order.</summary>
    public static async Task LockAsync(IDb tx, IEnumerable<string> resources, CancellationToken cancellationToken)
    {
        // SQLite has one writer: its transaction is the lock.
        if (tx.IsPostgres)
        {
            var keys = resources.Select(KeyOf).Distinct().Order().ToArray();
            if (keys.Length > 0)
            {
                await tx.QueryAsync<string>(
                    $"select cast(pg_advisory_xact_lock(k) as text) from unnest({Keys(keys)}) k",
                    cancellationToken
                );
            }
        }
    }

    /// <summary>Takes the task out of its queues and grants what it held up; answers whether a task became runnable.</summary>
    public async Task<bool> ReleaseAsync(IDb tx, Guid task, CancellationToken cancellationToken)
    {
        var resources = await tx.QueryAsync<string>(
            $"select resource from core_taskreservation where task_id = {task} order by resource",
            cancellationToken
        );
        if (resources.Count == 0)
        {
            return false;
        }

        await LockAsync(tx, resources, cancellationToken);
        await tx.ExecuteAsync($"delete from core_taskreservation where task_id = {task}", cancellationToken);
        var woke = false;
        foreach (var resource in resources)
        {
            woke |= await GrantAsync(tx, resource, cancellationToken);
        }

        return woke;
    }

    private async Task<bool> GrantAsync(IDb tx, string resource, CancellationToken cancellationToken)
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
            return false;
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
            return false;
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
        return left.Any(l => l == 0);
    }

    /// <summary>A resource's name as a key of PostgreSQL's advisory locks.</summary>
    private static long KeyOf(string resource) =>
        BinaryPrimitives.ReadInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(resource)));

    // Lists in holes become row sources; here the array itself is wanted.
    private static SqlText Keys(long[] keys) => SqlText.Raw("array[" + string.Join(",", keys) + "]::bigint[]");

    private sealed record HeadRow
    {
        public long Id { get; init; }

        public bool Exclusive { get; init; }
    }
}
