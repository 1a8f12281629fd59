using Pulp.PluginSdk.Data;

namespace Pulp.Core.Platform.Data;

/// <summary>A session whose calls are one transaction, which its owner commits.</summary>
internal sealed class TransactionSession(Dialect dialect, ConnectionLease lease, DatabaseOutage outage)
    : SqlSession(dialect, outage)
{
    private readonly List<SqlText> _last = [];
    private readonly List<string> _said = [];

    /// <summary>What is to be done when it is committed.</summary>
    public List<Action> Committed { get; } = [];

    /// <summary>Its last statements.</summary>
    public IReadOnlyList<SqlText> Last => _last;

    /// <summary>Whether nobody is to wait until its commit is on disk.</summary>
    public bool CommitsInBackground { get; private set; }

    protected internal override ValueTask<ConnectionLease> LeaseAsync(
        bool write,
        CancellationToken cancellationToken
    ) => ValueTask.FromResult(lease);

    public override void AfterCommit(Action action) => Committed.Add(action);

    public override Task AtCommitAsync(IReadOnlyList<SqlText> statements, CancellationToken cancellationToken)
    {
        _last.AddRange(statements);
        return Task.CompletedTask;
    }

    public override bool IsFirst(string said)
    {
        var isFirst = !_said.Contains(said, StringComparer.Ordinal);
        if (isFirst)
        {
            _said.Add(said);
        }

        return isFirst;
    }

    public override void CommitInBackground() => CommitsInBackground = true;

    // A transaction inside a transaction is part of it.
    public override Task<T> InTransactionAsync<T>(Func<IDb, Task<T>> work, CancellationToken cancellationToken) =>
        work(this);

    // What gives up takes the whole transaction with it: only its owner can run it again.
    public override Task<T> InRepeatedTransactionAsync<T>(
        Func<IDb, Task<T>> work,
        CancellationToken cancellationToken
    ) => work(this);
}
