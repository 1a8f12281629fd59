namespace Pulp.Core.Tasks;

/// <summary>A task that this process runs.</summary>
internal sealed record ClaimedTask
{
    public Guid PulpId { get; init; }

    public string Name { get; init; } = "";

    public string LoggingCid { get; init; } = "";

    public long? CreatedBy { get; init; }

    /// <summary>Arguments: sealed as they are stored, or plain JSON when the task runs where it was made.</summary>
    public string EncArgs { get; init; } = "";
}

/// <summary>A worker, as long as its process lives.</summary>
internal sealed class WorkerSlot(Guid worker, CancellationToken stopping)
{
    public Guid Worker { get; } = worker;

    /// <summary>From then on it takes no more tasks.</summary>
    public CancellationToken Stopping { get; } = stopping;

    /// <summary>
    /// The answer to a claim was lost: a task may be this worker's that hasn't been started. It goes back before the next claim.
    /// </summary>
    public bool IsUncertain { get; set; }
}

/// <summary>Gives waiting tasks to workers.</summary>
internal sealed class TaskClaims(Database database, TimeProvider clock)
{
    /// <summary>Gives the oldest runnable task to the worker; null when there is none.</summary>
    public Task<ClaimedTask?> ClaimNextAsync(Guid worker, CancellationToken cancellationToken) =>
        ClaimNextAsync(database, worker, cancellationToken);

    public async Task<ClaimedTask?> ClaimNextAsync(IDb session, Guid worker, CancellationToken cancellationToken)
    {
        // One statement, so a worker that dies here leaves no half-claimed row.
        var claimed = await session.ReturningAsync<ClaimedTask>(
            $"""
            update core_task set state = 'running', worker_id = {worker}, started_at = {clock.GetUtcNow()}
             where pulp_id = (select pulp_id from core_task
                               where state = 'waiting' and unblocked_at is not null
                               order by pulp_id limit 1 {Sql.For("for update skip locked", "")})
               and state = 'waiting'
            returning pulp_id, name, logging_cid, created_by, enc_args
            """,
            cancellationToken
        );
        return claimed.Count == 0 ? null : claimed[0];
    }

    /// <summary>Puts back what an idle worker claimed without learning of it.</summary>
    public Task<int> GiveBackAsync(Guid worker, CancellationToken cancellationToken) =>
        database.ExecuteAsync(
            $"update core_task set state = 'waiting', worker_id = null, started_at = null where worker_id = {worker} and state = 'running'",
            cancellationToken
        );
}
