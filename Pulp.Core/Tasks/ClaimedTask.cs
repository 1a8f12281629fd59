using System.Text.Json;

namespace Pulp.Core.Tasks;

/// <summary>A task that this process runs.</summary>
internal sealed record ClaimedTask
{
    public Guid PulpId { get; init; }

    public string Name { get; init; } = "";

    public string LoggingCid { get; init; } = "";

    public long? CreatedBy { get; init; }

    /// <summary>What it has reserved, as stored: a JSON list.</summary>
    public string ReservedResourcesRecord { get; init; } = "[]";

    /// <summary>What it has reserved but for the domain, which all have, for a line of the log.</summary>
    public string Resources =>
        string.Join(
            ", ",
            (JsonSerializer.Deserialize<string[]>(ReservedResourcesRecord) ?? []).Where(r =>
                !r.StartsWith("shared:prn:core.domain:", StringComparison.Ordinal)
            )
        );

    public Guid PulpDomainId { get; init; }

    /// <summary>The diagnostics that were asked for, separated by commas.</summary>
    public string? ProfileOptions { get; init; }

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
    /// <summary>How long an older task that became runnable may stand behind younger ones.</summary>
    private static readonly TimeSpan LookBack = TimeSpan.FromMilliseconds(250);
    private volatile Oldest _oldest = new(Guid.Empty, 0);

    /// <summary>Where the oldest runnable task stood, and when that was.</summary>
    private sealed record Oldest(Guid Task, long SeenAt);

    /// <summary>Gives the oldest runnable task to the worker; null when there is none.</summary>
    public Task<ClaimedTask?> ClaimNextAsync(Guid worker, CancellationToken cancellationToken) =>
        ClaimNextAsync(database, worker, cancellationToken);

    public async Task<ClaimedTask?> ClaimNextAsync(IDb session, Guid worker, CancellationToken cancellationToken)
    {
        if (QuickClaim(worker) is { } quick)
        {
            var next = await session.ReturningAsync<ClaimedTask>(quick, cancellationToken);
            if (next.Count > 0)
            {
                return next[0];
            }
        }

        var seenAt = clock.GetTimestamp();
        var first = await session.ReturningAsync<ClaimedTask>(ClaimFrom(Guid.Empty, worker), cancellationToken);
        _oldest = new Oldest(first.Count == 0 ? Guid.Empty : first[0].PulpId, seenAt);
        return first.Count == 0 ? null : first[0];
    }

    /// <summary>
    /// A claim that doesn't look at the beginning of the index, where tasks stood that have been claimed and that PostgreSQL clears
    /// away much later. It begins with what was the oldest a moment ago: who became runnable meanwhile and is older waits that
    /// moment. Null when the last look is too long ago; and when it finds nothing, there may be something.
    /// </summary>
    public SqlText? QuickClaim(Guid worker)
    {
        var oldest = _oldest;
        return oldest.Task != Guid.Empty && clock.GetElapsedTime(oldest.SeenAt) < LookBack
            ? ClaimFrom(oldest.Task, worker)
            : null;
    }

    /// <summary>The task that a claim's row means.</summary>
    public static ClaimedTask Read(object?[] row) =>
        new()
        {
            PulpId = (Guid)row[0]!,
            Name = (string)row[1]!,
            LoggingCid = (string)row[2]!,
            CreatedBy = (long?)row[3],
            EncArgs = (string)row[4]!,
            ReservedResourcesRecord = (string)row[5]!,
            PulpDomainId = (Guid)row[6]!,
            ProfileOptions = (string?)row[7],
        };

    // One statement, so a worker that dies here leaves no half-claimed row.
    private SqlText ClaimFrom(Guid oldest, Guid worker) =>
        $"""
            update core_task set state = 'running', worker_id = {worker}, started_at = {clock.GetUtcNow()}
             where pulp_id = (select pulp_id from core_task
                               where state = 'waiting' and unblocked_at is not null and pulp_id >= {oldest}
                               order by pulp_id limit 1 {Sql.For("for update skip locked", "")})
               and state = 'waiting'
            returning pulp_id, name, logging_cid, created_by, enc_args, reserved_resources_record, pulp_domain_id,
                      profile_options
            """;
}
