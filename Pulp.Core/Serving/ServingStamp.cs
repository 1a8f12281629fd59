namespace Pulp.Core.Serving;

/// <summary>
/// Counts the changes to what is served, in the transaction that makes them: every process learns of them by notification, and
/// one that missed it sees by the number.
/// </summary>
internal sealed class ServingStamp(Database database)
{
    private static SqlText Count => $"update core_stamp set value = value + 1 where name = 'serving'";

    public async Task ChangedAsync(IDb tx, bool changed, CancellationToken cancellationToken)
    {
        if (changed)
        {
            await ((SqlSession)tx).BatchAsync(Changed(tx), cancellationToken);
        }
    }

    /// <summary>
    /// The statements of a change, for a caller that sends several at once. They stand last: until the end of the transaction nobody
    /// else changes what is served.
    /// </summary>
    public IReadOnlyList<SqlText> Changed(IDb tx)
    {
        database.Signals.RaiseAfterCommit(tx, Signals.Serving);
        return database.Signals.Announcement(Signals.Serving, $"true") is { } announcement
            ? [Count, announcement]
            : [Count];
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
