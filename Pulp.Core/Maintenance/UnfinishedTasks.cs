namespace Pulp.Core.Maintenance;

/// <summary>What tasks that haven't ended may be going to use.</summary>
internal sealed class UnfinishedTasks(Database database)
{
    /// <summary>From what a request has stored, or looked at, until its task is stored.</summary>
    private static readonly TimeSpan LongestRequest = TimeSpan.FromMinutes(1);

    /// <summary>
    /// What has become of interest since then is what such a task uses, or what its request has sent; null where there is none beside
    /// the one that asks.
    /// </summary>
    public async Task<DateTimeOffset?> UseSinceAsync(Guid self, CancellationToken cancellationToken) =>
        await database.FirstOrDefaultAsync<DateTimeOffset?>(
            $"""
            select pulp_created from core_task
             where state in ('waiting', 'running', 'canceling') and pulp_id <> {self} order by pulp_id limit 1
            """,
            cancellationToken
        ) - LongestRequest;
}
