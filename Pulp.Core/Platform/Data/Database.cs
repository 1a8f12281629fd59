using System.Data.Common;
using Pulp.PluginSdk.Data;

namespace Pulp.Core.Platform.Data;

/// <summary>The one database of the process: a session whose every call is its own transaction.</summary>
internal abstract class Database(Dialect dialect, TimeProvider clock, DatabaseOutage outage)
    : SqlSession(dialect, outage),
        IAsyncDisposable
{
    /// <summary>How often a transaction is run that is given up for the sake of others.</summary>
    private const int Attempts = 5;

    private readonly AsyncLocal<WriteCondition?> _condition = new();

    /// <summary>Tells other processes, and this one, that something happened; on commit where there is a transaction.</summary>
    public abstract Signals Signals { get; }

    /// <summary>This moment by the clock that all processes on this database share.</summary>
    public abstract SqlText Now { get; }

    public override void AfterCommit(Action action) => action();

    public override Task AtCommitAsync(IReadOnlyList<SqlText> statements, CancellationToken cancellationToken) =>
        BatchAsync(statements, cancellationToken);

    /// <summary>
    /// From here on, whatever the calling method writes, and everything that it starts, is written only where the condition holds.
    /// Null lifts the condition of the method's caller.
    /// </summary>
    public void WriteOnlyWhile(WriteCondition? condition) => _condition.Value = condition;

    /// <summary>Lends a connection that knows what must hold for what is written on it.</summary>
    protected internal sealed override async ValueTask<ConnectionLease> LeaseAsync(
        bool write,
        CancellationToken cancellationToken
    )
    {
        var lease = await ConnectAsync(write, cancellationToken);
        lease.Condition = write ? _condition.Value : null;
        return lease;
    }

    protected abstract ValueTask<ConnectionLease> ConnectAsync(bool write, CancellationToken cancellationToken);

    /// <summary>Waits until one more transaction may begin; null where there can be any number.</summary>
    protected virtual ValueTask<IDisposable?> PlaceAsync(CancellationToken cancellationToken) => default;

    // PostgreSQL runs a condition and its statement together; on SQLite that takes a transaction.
    internal override Task<T> RunAsync<T>(
        bool write,
        Func<ConnectionLease, Task<T>> work,
        CancellationToken cancellationToken
    ) =>
        write && !IsPostgres && _condition.Value is not null
            ? InTransactionAsync(tx => ((SqlSession)tx).RunAsync(write, work, cancellationToken), cancellationToken)
            : base.RunAsync(write, work, cancellationToken);

    /// <summary>Tells the planner how large tables have become, after much was added at once.</summary>
    public virtual Task RefreshStatisticsAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>
    /// What was committed survives a power failure from here on: to be called before something is done that can't be taken back.
    /// </summary>
    public virtual Task MakeDurableAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>
    /// Waits until all that was committed in the background is on disk: to be called before anybody is told of it. What was committed
    /// has to be found by a statement afterwards: the database may have crashed, and be there again, before it was on disk.
    /// </summary>
    /// <exception cref="DatabaseUnavailableException">It isn't there any more, or the database can't be asked.</exception>
    public virtual Task FlushAsync(SqlText committed) => Task.CompletedTask;

    /// <summary>Starts what goes on beside the requests: listening to other processes, and the database's own upkeep.</summary>
    public virtual Task StartBackgroundAsync(IReadOnlyCollection<string> channels) => Signals.StartAsync(channels);

    public override async Task<T> InTransactionAsync<T>(Func<IDb, Task<T>> work, CancellationToken cancellationToken)
    {
        TransactionSession session;
        T result;
        using (await PlaceAsync(cancellationToken))
        await using (var lease = await LeaseAsync(write: true, cancellationToken))
        {
            var transaction = await BeginGuardedAsync(lease, cancellationToken);
            var own = new ConnectionLease(lease.Connection, transaction, giveBack: null)
            {
                Prepared = lease.Prepared,
                Condition = lease.TakeCondition(),
            };
            session = new TransactionSession(Dialect, own, Outage);
            try
            {
                result = await work(session);
                await CommitAsync(own, transaction, session);
            }
            catch (Exception error)
            {
                await UndoAsync(transaction, lease, error);
                throw;
            }

            await transaction.DisposeAsync();
        }

        // Outside the lease: what is told may want to write.
        session.Committed.ForEach(action => action());
        return result;
    }

    public override async Task<T> InRepeatedTransactionAsync<T>(
        Func<IDb, Task<T>> work,
        CancellationToken cancellationToken
    )
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await InTransactionAsync(work, cancellationToken);
            }
            catch (Exception error) when (attempt < Attempts && Dialect.IsGivenUp(error))
            {
                // Not both at the same moment again.
                var pause = TimeSpan.FromMilliseconds(Random.Shared.Next(5, 50) * attempt);
                await Task.Delay(pause, clock, cancellationToken);
            }
        }
    }

    /// <summary>Outside a transaction many rows are one.</summary>
    public override Task<int> InsertManyAsync(
        string table,
        IReadOnlyList<BulkColumn> columns,
        IReadOnlyCollection<object?[]> rows,
        Newness newness,
        CancellationToken cancellationToken
    ) =>
        InTransactionAsync(
            tx => ((SqlSession)tx).InsertManyAsync(table, columns, rows, newness, cancellationToken),
            cancellationToken
        );

    private async ValueTask<DbTransaction> BeginGuardedAsync(ConnectionLease lease, CancellationToken cancellationToken)
    {
        try
        {
            return await BeginAsync(lease, cancellationToken);
        }
        catch (Exception error) when (Dialect.IsConnectionLost(error))
        {
            throw Outage.Unavailable(error);
        }
        catch (Exception error) when (Dialect.IsStorageFault(error))
        {
            lease.Break();
            throw;
        }
    }

    private async Task CommitAsync(ConnectionLease lease, DbTransaction transaction, TransactionSession session)
    {
        try
        {
            await Dialect.CommitAsync(lease, transaction, session);
        }
        catch (Exception error) when (Dialect.IsConnectionLost(error))
        {
            // Nobody knows whether it counted: who tries again must ask for the old state first.
            throw Outage.Unavailable(error);
        }
    }

    /// <summary>Takes back what failed.</summary>
    private async ValueTask UndoAsync(DbTransaction transaction, ConnectionLease lease, Exception error)
    {
        if (Dialect.IsStorageFault(error))
        {
            lease.Break();
        }

        try
        {
            await transaction.DisposeAsync();
        }
        catch (Exception)
        {
            // SQLite takes a transaction back by itself when the disk is full, and the library's own attempt then fails; so does one
            // on a connection that was lost. What went wrong first is what the caller wants to know; the connection isn't used again.
            lease.Break();
        }
    }

    protected abstract ValueTask<DbTransaction> BeginAsync(ConnectionLease lease, CancellationToken cancellationToken);

    /// <summary>Answers when the database can be talked to, else throws what the driver said.</summary>
    public async Task PingAsync(CancellationToken cancellationToken) =>
        await FirstOrDefaultAsync<long>($"select 1", cancellationToken);

    public abstract ValueTask DisposeAsync();
}
