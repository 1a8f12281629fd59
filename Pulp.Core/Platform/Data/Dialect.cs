using System.Data.Common;
using System.Globalization;
using System.Text;
using Dapper;
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
                    var name = "@p" + values.Count.ToString(CultureInfo.InvariantCulture);
                    if (CountOf(value) is { } count)
                    {
                        AppendList(text, name, count);
                    }
                    else
                    {
                        text.Append(name);
                    }

                    values.Add(value);
                    break;
            }
        }

        return new RenderedSql(this, text.ToString(), values);
    }

    /// <summary>How many values a list has; null for a single value.</summary>
    private static int? CountOf(object? value) =>
        value switch
        {
            IReadOnlyCollection<Guid> ids => ids.Count,
            IReadOnlyCollection<string> texts => texts.Count,
            IReadOnlyCollection<long> numbers => numbers.Count,
            _ => null,
        };

    /// <summary>Appends a parameter that is a list of so many values, as rows: mostly behind <c>in</c>.</summary>
    protected abstract void AppendList(StringBuilder text, string parameter, int count);

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
    public abstract Task<IReadOnlyList<IReadOnlyList<object?[]>>> BatchAsync(
        ConnectionLease lease,
        IReadOnlyList<SqlText> statements,
        CancellationToken cancellationToken
    );

    /// <summary>A statement's rows.</summary>
    protected static async Task<IReadOnlyList<object?[]>> RowsAsync(
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

/// <summary>A statement ready for a command.</summary>
internal sealed class RenderedSql(Dialect dialect, string text, IReadOnlyList<object?> values)
    : SqlMapper.IDynamicParameters
{
    private const int FewValues = 100;
    private const int ShortText = 8 * 1024;

    public string Text { get; } = text;

    /// <summary>True when it carries so much that running it takes longer than preparing it, and keeping that takes memory.</summary>
    public bool IsLarge { get; } =
        values.Any(v =>
            v
                is System.Collections.ICollection { Count: > FewValues }
                    or string { Length: > ShortText }
                    or JsonText { Json.Length: > ShortText }
        );

    /// <summary>A command on the lent connection, with the statement and its values.</summary>
    public DbCommand CommandOn(ConnectionLease lease)
    {
        var command = lease.Connection.CreateCommand();
        command.Transaction = lease.Transaction;
#pragma warning disable CA2100 // Rendered from SqlText: values are parameters
        command.CommandText = Text;
#pragma warning restore CA2100
        AddTo(command.Parameters, command.CreateParameter);
        return command;
    }

    public void AddTo(DbParameterCollection parameters, Func<DbParameter> create)
    {
        for (var i = 0; i < values.Count; i++)
        {
            var parameter = create();
            parameter.ParameterName = "@p" + i.ToString(CultureInfo.InvariantCulture);
            dialect.SetValue(parameter, values[i]);
            parameters.Add(parameter);
        }
    }

    /// <summary>Gives a command that has the parameters already their values.</summary>
    public void SetOn(DbCommand command)
    {
        for (var i = 0; i < values.Count; i++)
        {
            dialect.SetValue(command.Parameters[i], values[i]);
        }
    }

    void SqlMapper.IDynamicParameters.AddParameters(System.Data.IDbCommand command, SqlMapper.Identity identity) =>
        AddTo(((DbCommand)command).Parameters, ((DbCommand)command).CreateParameter);
}
