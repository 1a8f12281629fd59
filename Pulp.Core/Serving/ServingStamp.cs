namespace Pulp.Core.Serving;

/// <summary>
/// Counts the changes to what is served, in the transaction that makes them: every process learns of them by notification, and
/// one that missed it sees by the number.
/// </summary>
internal sealed class ServingStamp(Database database)
{
    public async Task ChangedAsync(IDb tx, bool changed, CancellationToken cancellationToken)
    {
        if (changed)
        {
            await tx.ExecuteAsync($"update core_stamp set value = value + 1 where name = 'serving'", cancellationToken);
            await database.Signals.NotifyAsync(tx, Signals.Serving, "", cancellationToken);
        }
    }

    /// <summary>Files were removed or replaced: whatever is remembered of files is looked up again.</summary>
    public async Task FilesChangedAsync(IDb tx, CancellationToken cancellationToken)
    {
        await tx.ExecuteAsync($"update core_stamp set value = value + 1 where name = 'removals'", cancellationToken);
        await ChangedAsync(tx, changed: true, cancellationToken);
    }

    public Task<long> ReadAsync(CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<long>($"select value from core_stamp where name = 'serving'", cancellationToken);
}
