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

    public Task<IReadOnlyList<T>> QueryAsync<T>(SqlText sql, CancellationToken cancellationToken) =>
        RunAsync<IReadOnlyList<T>>(
            write: false,
            async lease => (await lease.Connection.QueryAsync<T>(Command(sql, lease, cancellationToken))).AsList(),
            cancellationToken
        );

    public Task<T?> FirstOrDefaultAsync<T>(SqlText sql, CancellationToken cancellationToken) =>
        RunAsync(
            write: false,
            lease => lease.Connection.QueryFirstOrDefaultAsync<T>(Command(sql, lease, cancellationToken)),
            cancellationToken
        );

    public Task<int> ExecuteAsync(SqlText sql, CancellationToken cancellationToken) =>
        RunAsync(
            write: true,
            lease => lease.Connection.ExecuteAsync(Command(sql, lease, cancellationToken)),
            cancellationToken
        );

    public Task<IReadOnlyList<T>> ReturningAsync<T>(SqlText sql, CancellationToken cancellationToken) =>
        RunAsync<IReadOnlyList<T>>(
            write: true,
            async lease => (await lease.Connection.QueryAsync<T>(Command(sql, lease, cancellationToken))).AsList(),
            cancellationToken
        );

    /// <summary>Borrows a connection for some work; one that breaks meanwhile is told apart from everything else.</summary>
    private async Task<T> RunAsync<T>(
        bool write,
        Func<ConnectionLease, Task<T>> work,
        CancellationToken cancellationToken
    )
    {
        await using var lease = await LeaseAsync(write, cancellationToken);
        try
        {
            return await work(lease);
        }
        catch (Exception error) when (Dialect.IsConnectionLost(error))
        {
            throw new DatabaseUnavailableException(error);
        }
    }

    public async IAsyncEnumerable<T> StreamAsync<T>(
        SqlText sql,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await using var lease = await LeaseAsync(write: false, cancellationToken);
        await using var reader = await ReadAsync(Dialect.Render(sql), lease, cancellationToken);
        var parse = reader.GetRowParser<T>();
        while (await reader.ReadAsync(cancellationToken))
        {
            yield return parse(reader);
        }
    }

    public Task<int> InsertManyAsync(
        string table,
        IReadOnlyList<BulkColumn> columns,
        IReadOnlyCollection<object?[]> rows,
        CancellationToken cancellationToken
    ) => InsertManyAsync(table, columns, rows, Newness.Unknown, cancellationToken);

    /// <summary>Inserts many rows of which more is known; those that are there already are skipped unless they can't be.</summary>
    public Task<int> InsertManyAsync(
        string table,
        IReadOnlyList<BulkColumn> columns,
        IReadOnlyCollection<object?[]> rows,
        Newness newness,
        CancellationToken cancellationToken
    ) =>
        rows.Count == 0
            ? Task.FromResult(0)
            : RunAsync(
                write: true,
                lease => Dialect.InsertManyAsync(lease, table, columns, rows, newness, cancellationToken),
                cancellationToken
            );

    /// <summary>
    /// Runs statements in one round trip where there are any. Answers the first column of the rows of each statement that has
    /// some: a select, or what has <c>returning</c>.
    /// </summary>
    public Task<IReadOnlyList<IReadOnlyList<object>>> BatchAsync(
        IReadOnlyList<SqlText> statements,
        CancellationToken cancellationToken
    ) => RunAsync(write: true, lease => Dialect.BatchAsync(lease, statements, cancellationToken), cancellationToken);

    /// <summary>Runs a reader over the rows, without mapping: the way lists are written to the wire.</summary>
    public async Task ReadRowsAsync(
        SqlText sql,
        Func<DbDataReader, CancellationToken, Task> read,
        CancellationToken cancellationToken
    )
    {
        var rendered = Dialect.Render(sql);
        await RunAsync(
            write: false,
            async lease =>
            {
                await using var reader = lease.Prepared is { } prepared
                    ? await prepared.For(lease.Connection, rendered).ExecuteReaderAsync(cancellationToken)
                    : await ReadAsync(rendered, lease, cancellationToken);
                await read(reader, cancellationToken);
                return true;
            },
            cancellationToken
        );
    }

    private static async Task<DbDataReader> ReadAsync(
        RenderedSql rendered,
        ConnectionLease lease,
        CancellationToken cancellationToken
    )
    {
        // Not in a using: the reader keeps using the command.
        var command = lease.Connection.CreateCommand();
        command.Transaction = lease.Transaction;
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

    /// <summary>Statements that stay prepared with the connection, where that is worth it.</summary>
    public PreparedStatements? Prepared { get; init; }

    public ValueTask DisposeAsync() => giveBack?.Invoke() ?? ValueTask.CompletedTask;
}

/// <summary>
/// Large statements of lists take SQLite longer to prepare than to run: each connection keeps those it has seen. One reader at a
/// time uses a connection, so a command is never used twice at once.
/// </summary>
internal sealed class PreparedStatements
{
    private const int Most = 32;
    private readonly Dictionary<string, DbCommand> _commands = new(StringComparer.Ordinal);

    public DbCommand For(DbConnection connection, RenderedSql sql)
    {
        if (_commands.TryGetValue(sql.Text, out var known))
        {
            sql.SetOn(known);
            return known;
        }

        if (_commands.Count >= Most)
        {
            Clear();
        }

        var command = connection.CreateCommand();
#pragma warning disable CA2100 // Rendered from SqlText: values are parameters
        command.CommandText = sql.Text;
#pragma warning restore CA2100
        sql.AddTo(command);
        return _commands[sql.Text] = command;
    }

    public void Clear()
    {
        foreach (var command in _commands.Values)
        {
            command.Dispose();
        }

        _commands.Clear();
    }
}
