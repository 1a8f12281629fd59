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
    public Task ChangedAsync(IDb tx, bool changed, CancellationToken cancellationToken) =>
        changed ? ChangedAsync(tx, repository: null, cancellationToken) : Task.CompletedTask;

    /// <summary>Distributions of one repository serve something else, such as another version; null for anything.</summary>
    // With the commit: until the end of the transaction nobody else changes what is served.
    public Task ChangedAsync(IDb tx, Guid? repository, CancellationToken cancellationToken)
    {
        var session = (SqlSession)tx;
        var change = new ServingChange(ServingChange.ThisProcess, repository);
        // PostgreSQL tells the same only once in a transaction, so that it has to be counted once.
        if (!session.IsFirst($"{Channel} {change.Repository}"))
        {
            return Task.CompletedTask;
        }

        database.Signals.RaiseAfterCommit(tx, Channel, (change with { Process = "" }).ToString());
        SqlText[] statements = database.Signals.Announcement(Channel, change.ToString(), $"true") is { } announcement
            ? [Count, announcement]
            : [Count];
        return session.AtCommitAsync(statements, cancellationToken);
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
