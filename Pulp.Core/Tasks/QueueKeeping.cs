namespace Pulp.Core.Tasks;

/// <summary>
/// Keeps resources for one transaction, as a task that reserves them would for its time: no task gets them meanwhile, and nothing has
/// to be stored for it.
/// </summary>
internal static class QueueKeeping
{
    /// <summary>False where a task is before it, which has to be waited for.</summary>
    public static async Task<bool> TryKeepAsync(
        SqlSession tx,
        IReadOnlyList<(string Resource, bool Exclusive)> resources,
        CancellationToken cancellationToken
    )
    {
        SqlText[] locks = tx.IsPostgres ? [Lock(resources.Select(r => r.Resource))] : [];
        var answers = await tx.BatchAsync(
            [.. locks, .. resources.Select(r => Ahead(r.Resource, r.Exclusive))],
            cancellationToken
        );
        return answers.Skip(locks.Length).All(ahead => ahead.Count == 0);
    }

    /// <summary>The select of the last reservation that one of a resource has to wait for.</summary>
    // What is asked for exclusively waits for everybody before it, what is shared only for exclusive ones. Read from the end of the
    // queue: what has left it stands at its beginning until PostgreSQL clears that.
    public static SqlText Ahead(string resource, bool exclusive) =>
        exclusive
            ? (SqlText)
                $"select id from core_taskreservation where resource = {resource} order by granted desc, id desc limit 1"
            : $"select id from core_taskreservation where resource = {resource} and exclusive order by id desc limit 1";

    /// <summary>The statement that locks the queues of resources until the end of the transaction, on PostgreSQL.</summary>
    public static SqlText Lock(IEnumerable<string> resources)
    {
        IReadOnlyCollection<string> names = [.. resources];
        return Lock((SqlText)$"select cast(value as text) as resource from {names} as r (value)");
    }

    /// <summary>The same of those that a select answers as <c>resource</c>.</summary>
    // The advisory lock of a resource is named by its hash. "offset 0" keeps the order from being folded away.
    public static SqlText Lock(SqlText resources) =>
        $"""
            select cast(pg_advisory_xact_lock(x.key) as text)
              from (select distinct hashtextextended(r.resource, 0) as key from ({resources}) r order by 1 offset 0) x
            """;
}
