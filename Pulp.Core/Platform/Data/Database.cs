using Pulp.PluginSdk.Data;

namespace Pulp.Core.Platform.Data;

/// <summary>The one database of the process: a session whose every call is its own transaction.</summary>
internal abstract class Database(Dialect dialect) : SqlSession(dialect), IAsyncDisposable
{
    /// <summary>Tells other processes, and this one, that something happened; on commit where there is a transaction.</summary>
    public abstract Signals Signals { get; }

    public override void AfterCommit(Action action) => action();

    /// <summary>Tells the planner how large tables have become, after much was added at once.</summary>
    public virtual Task RefreshStatisticsAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Starts what goes on beside the requests: listening to other processes, and the database's own upkeep.</summary>
    public virtual void StartBackground() => Signals.Start();

    public override async Task<T> InTransactionAsync<T>(Func<IDb, Task<T>> work, CancellationToken cancellationToken)
    {
        List<Action> afterCommit;
        T result;
        await using (var lease = await LeaseAsync(write: true, cancellationToken))
        {
            await using var transaction = await BeginGuardedAsync(lease, cancellationToken);
            var session = new TransactionSession(
                Dialect,
                new ConnectionLease(lease.Connection, transaction, giveBack: null) { Prepared = lease.Prepared }
            );
            result = await work(session);
            try
            {
                await transaction.CommitAsync(cancellationToken);
            }
            catch (Exception error) when (Dialect.IsConnectionLost(error))
            {
                // Nobody knows whether it counted: who tries again must ask for the old state first.
                throw new DatabaseUnavailableException(error);
            }

            afterCommit = session.Committed;
        }

        // Outside the lease: what is told may want to write.
        afterCommit.ForEach(action => action());
        return result;
    }

    private async ValueTask<System.Data.Common.DbTransaction> BeginGuardedAsync(
        ConnectionLease lease,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await BeginAsync(lease, cancellationToken);
        }
        catch (Exception error) when (Dialect.IsConnectionLost(error))
        {
            throw new DatabaseUnavailableException(error);
        }
    }

    protected abstract ValueTask<System.Data.Common.DbTransaction> BeginAsync(
        ConnectionLease lease,
        CancellationToken cancellationToken
    );

    /// <summary>Answers when the database can be talked to, else throws what the driver said.</summary>
    public async Task PingAsync(CancellationToken cancellationToken) =>
        await FirstOrDefaultAsync<long>($"select 1", cancellationToken);

    public abstract ValueTask DisposeAsync();

    private sealed class TransactionSession(Dialect dialect, ConnectionLease lease) : SqlSession(dialect)
    {
        public List<Action> Committed { get; } = [];

        protected internal override ValueTask<ConnectionLease> LeaseAsync(
            bool write,
            CancellationToken cancellationToken
        ) => ValueTask.FromResult(lease);

        public override void AfterCommit(Action action) => Committed.Add(action);

        // A transaction inside a transaction is part of it.
        public override Task<T> InTransactionAsync<T>(Func<IDb, Task<T>> work, CancellationToken cancellationToken) =>
            work(this);
    }
}
