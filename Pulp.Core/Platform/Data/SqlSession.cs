using System.Data.Common;
using System.Runtime.CompilerServices;
using Dapper;
using Pulp.PluginSdk.Data;

namespace Pulp.Core.Platform.Data;

/// <summary>Runs statements on whatever connection its owner lends: the pool's, or a transaction's.</summary>
internal abstract class SqlSession(Dialect dialect, DatabaseOutage outage) : IDb
{
    public Dialect Dialect { get; } = dialect;

    protected DatabaseOutage Outage { get; } = outage;

    public bool IsPostgres => Dialect.IsPostgres;

    /// <summary>Lends a connection; writers get the right to write until they give it back.</summary>
    protected internal abstract ValueTask<ConnectionLease> LeaseAsync(bool write, CancellationToken cancellationToken);

    /// <summary>Runs the action when what was written is committed.</summary>
    public abstract void AfterCommit(Action action);

    /// <summary>
    /// Runs statements as the last of the transaction, together with its commit where that saves a round trip: rows that many want
    /// are locked for a moment. Without a transaction they run at once.
    /// </summary>
    public abstract Task AtCommitAsync(IReadOnlyList<SqlText> statements, CancellationToken cancellationToken);

    /// <summary>Whether this is said for the first time in the transaction; without one each time is the first.</summary>
    public virtual bool IsFirst(string said) => true;

    /// <summary>
    /// The transaction gives its locks back when it is committed, and isn't on disk before <see cref="Database.FlushAsync"/> or the
    /// next commit that waits for the disk: who comes next doesn't wait for the disk too.
    /// </summary>
    public virtual void CommitInBackground() { }

    public abstract Task<T> InTransactionAsync<T>(Func<IDb, Task<T>> work, CancellationToken cancellationToken);

    /// <summary>
    /// A transaction that is run again when it was given up for the sake of others (<see cref="Dialect.IsGivenUp"/>). The work may
    /// run several times: it changes nothing but the database, and takes nothing from an earlier run.
    /// </summary>
    public abstract Task<T> InRepeatedTransactionAsync<T>(Func<IDb, Task<T>> work, CancellationToken cancellationToken);

    public Task<IReadOnlyList<T>> QueryAsync<T>(SqlText sql, CancellationToken cancellationToken) =>
        RunAsync(write: false, lease => RowsAsync<T>(sql, lease, cancellationToken), cancellationToken);

    public Task<T?> FirstOrDefaultAsync<T>(SqlText sql, CancellationToken cancellationToken) =>
        RunAsync(
            write: false,
            lease =>
            {
                var rendered = Dialect.Render(sql);
                return lease.Keeps(rendered) || lease.HasCondition
                    ? ReadFirstAsync<T>(rendered, lease, cancellationToken)
                    : lease.Connection.QueryFirstOrDefaultAsync<T>(Command(rendered, lease, cancellationToken));
            },
            cancellationToken
        );

    public Task<int> ExecuteAsync(SqlText sql, CancellationToken cancellationToken) =>
        RunAsync(
            write: true,
            lease => Dialect.ExecuteAsync(lease, Dialect.Render(sql), cancellationToken),
            cancellationToken
        );

    public Task<IReadOnlyList<T>> ReturningAsync<T>(SqlText sql, CancellationToken cancellationToken) =>
        RunAsync(write: true, lease => RowsAsync<T>(sql, lease, cancellationToken), cancellationToken);

    private async Task<IReadOnlyList<T>> RowsAsync<T>(
        SqlText sql,
        ConnectionLease lease,
        CancellationToken cancellationToken
    )
    {
        var rendered = Dialect.Render(sql);
        if (!lease.Keeps(rendered) && !lease.HasCondition)
        {
            return (await lease.Connection.QueryAsync<T>(Command(rendered, lease, cancellationToken))).AsList();
        }

        await using var reader = await Dialect.ReadAsync(lease, rendered, cancellationToken);
        var rows = new List<T>();
        await RowParsing.ReadAsync(reader, rows, cancellationToken);
        return rows;
    }

    private async Task<T?> ReadFirstAsync<T>(
        RenderedSql rendered,
        ConnectionLease lease,
        CancellationToken cancellationToken
    )
    {
        await using var reader = await Dialect.ReadAsync(lease, rendered, cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? RowParsing.ParserOf<T>(reader)(reader) : default;
    }

    /// <summary>Borrows a connection for some work; one that breaks meanwhile is told apart from everything else.</summary>
    internal virtual async Task<T> RunAsync<T>(
        bool write,
        Func<ConnectionLease, Task<T>> work,
        CancellationToken cancellationToken
    )
    {
        await using var lease = await LeaseAsync(write, cancellationToken);
        return await GuardAsync(lease, () => work(lease));
    }

    private async Task<T> GuardAsync<T>(ConnectionLease lease, Func<Task<T>> work)
    {
        try
        {
            var result = await work();
            Outage.Answered();
            return result;
        }
        catch (Exception error) when (Dialect.IsConnectionLost(error))
        {
            throw Outage.Unavailable(error);
        }
        catch (Exception error) when (Dialect.IsStorageFault(error))
        {
            // What state the connection is in after that, nobody should have to know.
            lease.Break();
            throw;
        }
    }

    public async IAsyncEnumerable<T> StreamAsync<T>(
        SqlText sql,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await using var lease = await LeaseAsync(write: false, cancellationToken);
        // Who takes the rows one by one may run the same statement meanwhile.
        await using var reader = await GuardAsync(
            lease,
            async () =>
            {
                await Dialect.CheckAsync(lease, cancellationToken);
                return await Dialect.Render(sql).CommandOn(lease).ExecuteReaderAsync(cancellationToken);
            }
        );
        var parse = RowParsing.ParserOf<T>(reader);
        while (await GuardAsync(lease, () => reader.ReadAsync(cancellationToken)))
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
    public virtual Task<int> InsertManyAsync(
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

    /// <summary>Inserts rows of several tables, in one round trip where they are few; answers how many of each were inserted.</summary>
    public Task<IReadOnlyList<int>> InsertAllAsync(
        IReadOnlyList<BulkRows> inserts,
        CancellationToken cancellationToken
    ) =>
        inserts.All(i => i.Rows.Count == 0)
            ? Task.FromResult<IReadOnlyList<int>>(new int[inserts.Count])
            : RunAsync(
                write: true,
                lease => Dialect.InsertAllAsync(lease, inserts, cancellationToken),
                cancellationToken
            );

    /// <summary>
    /// Runs statements in one round trip where there are any. Answers the rows of each statement that has some: a select, or what
    /// has <c>returning</c>.
    /// </summary>
    public Task<IReadOnlyList<IReadOnlyList<object?[]>>> BatchAsync(
        IReadOnlyList<SqlText> statements,
        CancellationToken cancellationToken
    ) =>
        statements.Count == 0
            ? Task.FromResult<IReadOnlyList<IReadOnlyList<object?[]>>>([])
            : RunAsync(
                write: true,
                lease => Dialect.BatchAsync(lease, statements, cancellationToken),
                cancellationToken
            );

    /// <summary>The ids that statements answer, each a column of them, in one round trip where there are any.</summary>
    public async Task<IReadOnlyList<Guid>> IdsAsync(
        IReadOnlyList<SqlText> statements,
        CancellationToken cancellationToken
    ) => [.. (await BatchAsync(statements, cancellationToken)).SelectMany(rows => rows).Select(row => Id(row[0]))];

    /// <summary>An id that a batch answered: SQLite has them as text.</summary>
    public static Guid Id(object? value) =>
        value is Guid id ? id : Guid.Parse((string?)value ?? "", System.Globalization.CultureInfo.InvariantCulture);

    private static CommandDefinition Command(
        RenderedSql rendered,
        ConnectionLease lease,
        CancellationToken cancellationToken
    ) =>
        new(
            rendered.Text,
            rendered,
            lease.Transaction,
            flags: CommandFlags.Buffered,
            cancellationToken: cancellationToken
        );
}
