namespace Pulp.Core.Platform.Changes;

/// <summary>
/// Counts the changes to what is served, in the transaction that makes them: every process learns of them by notification, and
/// one that missed it sees by the number.
/// </summary>
internal sealed class ServingChanges(Database database)
{
    /// <summary>What is served may have changed; the payload is a <see cref="ServingChange"/>.</summary>
    public const string Channel = "pulp_serving";

    private static SqlText Count => $"update core_stamp set value = value + 1 where name = 'serving'";

    /// <summary>Anything may look different.</summary>
    public async Task ChangedAsync(IDb tx, bool changed, CancellationToken cancellationToken)
    {
        if (changed)
        {
            await ((SqlSession)tx).BatchAsync(Changed(tx, repository: null), cancellationToken);
        }
    }

    /// <summary>A repository has another version, or a version of it another publication.</summary>
    public Task ChangedAsync(IDb tx, Guid repository, CancellationToken cancellationToken) =>
        ((SqlSession)tx).BatchAsync(Changed(tx, repository), cancellationToken);

    /// <summary>
    /// The statements of a change, for a caller that sends several at once. They stand last: until the end of the transaction nobody
    /// else changes what is served.
    /// </summary>
    public IReadOnlyList<SqlText> Changed(IDb tx, Guid? repository)
    {
        var change = new ServingChange(ServingChange.ThisProcess, repository);
        database.Signals.RaiseAfterCommit(tx, Channel, (change with { Process = "" }).ToString());
        return database.Signals.Announcement(Channel, change.ToString(), $"true") is { } announcement
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
