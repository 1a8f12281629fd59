using System.Data.Common;
using System.Runtime.CompilerServices;
using Dapper;
using Pulp.PluginSdk.Data;

namespace Pulp.Core.Platform.Data;

/// <summary>Runs statements on whatever connection its owner lends: the pool's, or a transaction's.</summary>
internal abstract class SqlSession(Dialect dialect) : IDb
{
    public Dialect Dialect { get; } = dialect;

    public bool IsPostgres => Dialect.IsPostgres;

    /// <summary>Lends a connection; writers get the right to write until they give it back.</summary>
    protected internal abstract ValueTask<ConnectionLease> LeaseAsync(bool write, CancellationToken cancellationToken);

    /// <summary>Runs the action when what was written is committed.</summary>
    public abstract void AfterCommit(Action action);

    public abstract Task<T> InTransactionAsync<T>(Func<IDb, Task<T>> work, CancellationToken cancellationToken);

    public async Task<IReadOnlyList<T>> QueryAsync<T>(SqlText sql, CancellationToken cancellationToken)
    {
        await using var lease = await LeaseAsync(write: false, cancellationToken);
        var rows = await lease.Connection.QueryAsync<T>(Command(sql, lease, cancellationToken));
        return rows.AsList();
    }

    public async Task<T?> FirstOrDefaultAsync<T>(SqlText sql, CancellationToken cancellationToken)
    {
        await using var lease = await LeaseAsync(write: false, cancellationToken);
        return await lease.Connection.QueryFirstOrDefaultAsync<T>(Command(sql, lease, cancellationToken));
    }

    public async IAsyncEnumerable<T> StreamAsync<T>(
        SqlText sql,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await using var lease = await LeaseAsync(write: false, cancellationToken);
        await using var reader = await ReadAsync(sql, lease, cancellationToken);
        var parse = reader.GetRowParser<T>();
        while (await reader.ReadAsync(cancellationToken))
        {
            yield return parse(reader);
        }
    }

    public async Task<int> ExecuteAsync(SqlText sql, CancellationToken cancellationToken)
    {
        await using var lease = await LeaseAsync(write: true, cancellationToken);
        return await lease.Connection.ExecuteAsync(Command(sql, lease, cancellationToken));
    }

    public async Task<IReadOnlyList<T>> ReturningAsync<T>(SqlText sql, CancellationToken cancellationToken)
    {
        await using var lease = await LeaseAsync(write: true, cancellationToken);
        var rows = await lease.Connection.QueryAsync<T>(Command(sql, lease, cancellationToken));
        return rows.AsList();
    }

    public async Task InsertManyAsync(
        string table,
        IReadOnlyList<BulkColumn> columns,
        IReadOnlyCollection<object?[]> rows,
        CancellationToken cancellationToken
    )
    {
        if (rows.Count == 0)
        {
            return;
        }

        await using var lease = await LeaseAsync(write: true, cancellationToken);
        await Dialect.InsertManyAsync(lease, table, columns, rows, cancellationToken);
    }

    /// <summary>Runs a reader over the rows, without mapping: the way lists are written to the wire.</summary>
    public async Task ReadRowsAsync(
        SqlText sql,
        Func<DbDataReader, CancellationToken, Task> read,
        CancellationToken cancellationToken
    )
    {
        await using var lease = await LeaseAsync(write: false, cancellationToken);
        await using var reader = await ReadAsync(sql, lease, cancellationToken);
        await read(reader, cancellationToken);
    }

    private async Task<DbDataReader> ReadAsync(SqlText sql, ConnectionLease lease, CancellationToken cancellationToken)
    {
        // Not in a using: the reader keeps using the command.
        var command = lease.Connection.CreateCommand();
        command.Transaction = lease.Transaction;
        var rendered = Dialect.Render(sql);
#pragma warning disable CA2100 // Rendered from SqlText: values are parameters
        command.CommandText = rendered.Text;
#pragma warning restore CA2100
        rendered.AddTo(command);
        return await command.ExecuteReaderAsync(cancellationToken);
    }

    private CommandDefinition Command(SqlText sql, ConnectionLease lease, CancellationToken cancellationToken)
    {
        var rendered = Dialect.Render(sql);
        return new CommandDefinition(
            rendered.Text,
            rendered,
            lease.Transaction,
            flags: CommandFlags.Buffered,
            cancellationToken: cancellationToken
        );
    }
}

/// <summary>A connection on loan; disposing gives it back.</summary>
internal sealed class ConnectionLease(DbConnection connection, DbTransaction? transaction, Func<ValueTask>? giveBack)
    : IAsyncDisposable
{
    public DbConnection Connection { get; } = connection;

    public DbTransaction? Transaction { get; } = transaction;

    public ValueTask DisposeAsync() => giveBack?.Invoke() ?? ValueTask.CompletedTask;
}
