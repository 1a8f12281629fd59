using System.Data.Common;
using System.Globalization;
using System.Text;
using Pulp.PluginSdk.Data;

namespace Pulp.Core.Platform.Data;

/// <summary>Where the databases differ in text and values.</summary>
internal abstract class Dialect
{
    /// <summary>How moments are stored in SQLite: they sort as text and are the wire's own form.</summary>
    public const string TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";

    public abstract bool IsPostgres { get; }

    public RenderedSql Render(SqlText sql)
    {
        var text = new StringBuilder();
        var values = new List<object?>();
        foreach (var part in sql.Parts)
        {
            switch (part)
            {
                case string literal:
                    text.Append(literal);
                    break;
                case SqlCore core:
                    text.Append(IsPostgres ? core.Postgres : core.Sqlite);
                    break;
                case SqlAlternative alternative:
                    text.Append(IsPostgres ? alternative.Postgres : alternative.Sqlite);
                    break;
                case SqlValue { Value: var value }:
                    if (SqlLists.OnlyOf(value) is { } only)
                    {
                        SqlLists.AppendOnly(text, NameOf(values.Count));
                        values.Add(only);
                    }
                    else if (SqlLists.CountOf(value) is { } count)
                    {
                        AppendList(text, values, value, count);
                    }
                    else
                    {
                        text.Append(NameOf(values.Count));
                        values.Add(value);
                    }

                    break;
            }
        }

        return new RenderedSql(this, text.ToString(), values);
    }

    /// <summary>The name of the parameter at a place among the values.</summary>
    public static string NameOf(int value) => "@p" + value.ToString(CultureInfo.InvariantCulture);

    /// <summary>Appends a list of so many values, as rows, mostly behind <c>in</c>, and adds what its parameters are to the values.</summary>
    protected abstract void AppendList(StringBuilder text, List<object?> values, object? list, int count);

    /// <summary>Gives the parameter the value in the database's own type.</summary>
    public abstract void SetValue(DbParameter parameter, object? value);

    /// <summary>
    /// Begins to read what a statement answers; its rows are read before the connection is asked for others. The lease's condition
    /// is looked at before the statement runs, here as in everything that runs statements.
    /// </summary>
    public virtual async Task<DbDataReader> ReadAsync(
        ConnectionLease lease,
        RenderedSql sql,
        CancellationToken cancellationToken
    )
    {
        await CheckAsync(lease, cancellationToken);
        // The command isn't disposed: the reader keeps using it.
        return await lease.CommandFor(sql).ExecuteReaderAsync(cancellationToken);
    }

    /// <summary>Runs a statement; answers how many rows it changed.</summary>
    public virtual async Task<int> ExecuteAsync(
        ConnectionLease lease,
        RenderedSql sql,
        CancellationToken cancellationToken
    )
    {
        await CheckAsync(lease, cancellationToken);
        return await lease.CommandFor(sql).ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Looks at the lease's condition, unless a statement has done so already.</summary>
    public abstract Task CheckAsync(ConnectionLease lease, CancellationToken cancellationToken);

    /// <summary>
    /// Runs statements in order, each seeing what those before it did. Answers the rows of each statement that has some: a select,
    /// or what has <c>returning</c>.
    /// </summary>
    public async Task<IReadOnlyList<IReadOnlyList<object?[]>>> BatchAsync(
        ConnectionLease lease,
        IReadOnlyList<SqlText> statements,
        CancellationToken cancellationToken
    )
    {
        var results = new List<IReadOnlyList<object?[]>>();
        await ReadAllAsync(
            lease,
            statements,
            async (_, reader) => results.Add(await RowsAsync(reader, cancellationToken)),
            cancellationToken
        );
        return results;
    }

    /// <summary>The same, with what reads the rows of each statement that has some: it is told which of those it is, from 0 on.</summary>
    public abstract Task ReadAllAsync(
        ConnectionLease lease,
        IReadOnlyList<SqlText> statements,
        Func<int, DbDataReader, Task> read,
        CancellationToken cancellationToken
    );

    /// <summary>
    /// Commits a transaction behind its last statements. Not to be stopped: who gave up during a commit wouldn't know whether it counted.
    /// </summary>
    public virtual async Task CommitAsync(ConnectionLease lease, DbTransaction transaction, TransactionSession session)
    {
        if (session.Last.Count > 0)
        {
            await BatchAsync(lease, session.Last, CancellationToken.None);
        }

        await transaction.CommitAsync(CancellationToken.None);
    }

    /// <summary>A statement's rows.</summary>
    private static async Task<IReadOnlyList<object?[]>> RowsAsync(
        DbDataReader reader,
        CancellationToken cancellationToken
    )
    {
        var rows = new List<object?[]>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var row = new object?[reader.FieldCount];
            reader.GetValues(row!);
            rows.Add(Array.ConvertAll(row, static value => value is DBNull ? null : value));
        }

        return rows;
    }

    /// <summary>Inserts rows, skipping those that break a unique rule; answers how many were inserted.</summary>
    public abstract Task<int> InsertManyAsync(
        ConnectionLease lease,
        string table,
        IReadOnlyList<BulkColumn> columns,
        IReadOnlyCollection<object?[]> rows,
        Newness newness,
        CancellationToken cancellationToken
    );

    /// <summary>The same for rows of several tables, in their order; answers how many of each were inserted.</summary>
    public virtual async Task<IReadOnlyList<int>> InsertAllAsync(
        ConnectionLease lease,
        IReadOnlyList<BulkRows> inserts,
        CancellationToken cancellationToken
    )
    {
        var inserted = new int[inserts.Count];
        for (var i = 0; i < inserted.Length; i++)
        {
            var (table, columns, rows, newness) = inserts[i];
            inserted[i] =
                rows.Count == 0 ? 0 : await InsertManyAsync(lease, table, columns, rows, newness, cancellationToken);
        }

        return inserted;
    }

    /// <summary>True when the exception says that a unique rule was broken.</summary>
    public abstract bool IsUniqueViolation(Exception exception);

    /// <summary>True when the exception says that a reference was broken.</summary>
    public abstract bool IsForeignKeyViolation(Exception exception);

    /// <summary>True when the exception says that the connection broke, not that the statement was wrong.</summary>
    public abstract bool IsConnectionLost(Exception exception);

    /// <summary>True when the database itself can't read or write what it needs: a full or failing disk.</summary>
    public abstract bool IsStorageFault(Exception exception);

    /// <summary>
    /// True when the transaction was given up for the sake of others: a deadlock, a conflict, a writer that waited too long. The same
    /// again may succeed.
    /// </summary>
    public abstract bool IsGivenUp(Exception exception);

    /// <summary>True when the database doesn't want what it was sent, and wouldn't the next time either.</summary>
    public abstract bool IsRefused(Exception exception);

    /// <summary>True when the exception says that a regular expression can't be read.</summary>
    public abstract bool IsInvalidRegex(Exception exception);
}

/// <summary>What is known of rows before they are inserted.</summary>
internal enum Newness
{
    /// <summary>They may be there.</summary>
    Unknown,

    /// <summary>They weren't a moment ago: whoever inserted some meanwhile costs a second attempt.</summary>
    Likely,

    /// <summary>Something in their keys is new: one that is there is an error.</summary>
    Certain,
}

/// <summary>Rows of a table that are to be inserted.</summary>
internal sealed record BulkRows(
    string Table,
    IReadOnlyList<BulkColumn> Columns,
    IReadOnlyCollection<object?[]> Rows,
    Newness Newness
);
