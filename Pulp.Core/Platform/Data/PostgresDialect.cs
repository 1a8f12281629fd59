using System.Data.Common;
using System.Numerics;
using System.Text;
using Npgsql;
using NpgsqlTypes;
using Pulp.PluginSdk.Data;

namespace Pulp.Core.Platform.Data;

internal sealed class PostgresDialect : Dialect
{
    /// <summary>So few values are looked up one by one, whatever else.</summary>
    private const int FewValues = 32;

    /// <summary>So few values are parameters of their own.</summary>
    private const int Handful = 8;

    public override bool IsPostgres => true;

    // A plan that was made while a table was new stays with its statement, and a list as rows is joined then by reading all that the
    // other conditions leave: in a new database a whole domain or repository, for each few ids. Of an array the index is asked.
    // Arrays of many values are slow where no index is asked.
    // And for an array of any length a plan that is kept looks dearer than planning the statement again each time: a handful of values
    // are values of their own, as many as the next power of two, so that there are few statements.
    protected override void AppendList(StringBuilder text, List<object?> values, object? list, int count)
    {
        if (count > FewValues || !SqlLists.TakeIn(text))
        {
            text.Append("(select unnest(").Append(NameOf(values.Count)).Append("))");
            values.Add(list);
        }
        else if (count is 0 or > Handful)
        {
            var name = NameOf(values.Count);
            text.Append(" = any(").Append(name).Append(')');
            values.Add(list);
        }
        else
        {
            AppendHandful(text, values, SqlLists.ValuesOf(list));
        }
    }

    private static void AppendHandful(StringBuilder text, List<object?> values, object?[] handful)
    {
        text.Append(" in (");
        var length = (int)BitOperations.RoundUpToPowerOf2((uint)handful.Length);
        for (var i = 0; i < length; i++)
        {
            text.Append(i > 0 ? ", " : "").Append(NameOf(values.Count));
            values.Add(handful[Math.Min(i, handful.Length - 1)]);
        }

        text.Append(')');
    }

    public override void SetValue(DbParameter parameter, object? value)
    {
        var npgsql = (NpgsqlParameter)parameter;
        switch (value)
        {
            case null:
                npgsql.Value = DBNull.Value;
                break;
            case Guid id:
                npgsql.NpgsqlDbType = NpgsqlDbType.Uuid;
                npgsql.Value = id;
                break;
            case DateTimeOffset moment:
                npgsql.NpgsqlDbType = NpgsqlDbType.TimestampTz;
                npgsql.Value = moment.UtcDateTime;
                break;
            case JsonText json:
                npgsql.NpgsqlDbType = NpgsqlDbType.Jsonb;
                npgsql.Value = json.Json;
                break;
            case Resources.LabelKey label:
                npgsql.Value = label.Key;
                break;
            case SqlArray array:
                npgsql.NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text;
                npgsql.Value = array.Values.ToArray();
                break;
            case IReadOnlyCollection<Guid> ids:
                npgsql.NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid;
                npgsql.Value = ids as Guid[] ?? ids.ToArray();
                break;
            case IReadOnlyCollection<string> texts:
                npgsql.NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text;
                npgsql.Value = texts as string[] ?? texts.ToArray();
                break;
            case IReadOnlyCollection<long> numbers:
                npgsql.NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint;
                npgsql.Value = numbers as long[] ?? numbers.ToArray();
                break;
            default:
                npgsql.Value = value;
                break;
        }
    }

    public override async Task<DbDataReader> ReadAsync(
        ConnectionLease lease,
        RenderedSql sql,
        CancellationToken cancellationToken
    )
    {
        if (lease.TakeCondition() is not { } condition)
        {
            return await base.ReadAsync(lease, sql, cancellationToken);
        }

        // Not disposed: the reader keeps using it.
        var batch = PostgresConditions.BatchOf(lease, this, condition);
        PostgresConditions.Add(batch, sql);
        return await PostgresConditions.ReadAsync(batch, condition, cancellationToken);
    }

    public override async Task<int> ExecuteAsync(
        ConnectionLease lease,
        RenderedSql sql,
        CancellationToken cancellationToken
    )
    {
        if (lease.TakeCondition() is not { } condition)
        {
            return await base.ExecuteAsync(lease, sql, cancellationToken);
        }

        await using var batch = PostgresConditions.BatchOf(lease, this, condition);
        PostgresConditions.Add(batch, sql);
        return await PostgresConditions.ExecuteAsync(batch, condition, cancellationToken);
    }

    public override Task CheckAsync(ConnectionLease lease, CancellationToken cancellationToken) =>
        PostgresConditions.CheckAsync(lease, this, cancellationToken);

    /// <summary>One round trip for all.</summary>
    public override async Task ReadAllAsync(
        ConnectionLease lease,
        IReadOnlyList<SqlText> statements,
        Func<int, DbDataReader, Task> read,
        CancellationToken cancellationToken
    )
    {
        var condition = lease.TakeCondition();
        await using var batch = PostgresConditions.BatchOf(lease, this, condition);
        foreach (var statement in statements)
        {
            PostgresConditions.Add(batch, Render(statement));
        }

        await using var reader = await PostgresConditions.ReadAsync(batch, condition, cancellationToken);
        var number = 0;
        for (var more = reader.FieldCount > 0; more; more = await reader.NextResultAsync(cancellationToken))
        {
            await read(number++, reader);
        }
    }

    /// <summary>One round trip for all: the driver sees from the server's answer that the transaction has ended.</summary>
    public override async Task CommitAsync(ConnectionLease lease, DbTransaction transaction, TransactionSession session)
    {
        if (session.Last.Count == 0 && !session.CommitsInBackground)
        {
            await transaction.CommitAsync(CancellationToken.None);
            return;
        }

        var condition = lease.TakeCondition();
        await using var batch = PostgresConditions.BatchOf(lease, this, condition);
        foreach (var statement in session.Last)
        {
            PostgresConditions.Add(batch, Render(statement));
        }

        if (session.CommitsInBackground)
        {
            // Of this transaction alone. For what a flush waits, such as standbys too, the server's own setting says.
            batch.BatchCommands.Add(new NpgsqlBatchCommand("set local synchronous_commit = off"));
        }

        batch.BatchCommands.Add(new NpgsqlBatchCommand("commit"));
        await PostgresConditions.ExecuteAsync(batch, condition, CancellationToken.None);
    }

    public override Task<int> InsertManyAsync(
        ConnectionLease lease,
        string table,
        IReadOnlyList<BulkColumn> columns,
        IReadOnlyCollection<object?[]> rows,
        Newness newness,
        CancellationToken cancellationToken
    ) => new PostgresBulk(this, lease, table, columns).InsertAsync(rows, newness, cancellationToken);

    public override Task<IReadOnlyList<int>> InsertAllAsync(
        ConnectionLease lease,
        IReadOnlyList<BulkRows> inserts,
        CancellationToken cancellationToken
    ) =>
        inserts.All(i => PostgresBulk.AreFew(i.Rows))
            ? PostgresBulk.InsertFewAsync(this, lease, inserts, cancellationToken)
            : base.InsertAllAsync(lease, inserts, cancellationToken);

    public override bool IsUniqueViolation(Exception exception) =>
        exception is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation };

    public override bool IsForeignKeyViolation(Exception exception) =>
        exception
            is PostgresException
            {
                SqlState: PostgresErrorCodes.ForeignKeyViolation or PostgresErrorCodes.RestrictViolation
            };

    /// <summary>The server has cut off a transaction in which nothing happened for long.</summary>
    private const string IdleInTransactionTimeout = "25P03";

    public override bool IsConnectionLost(Exception exception) =>
        exception switch
        {
            PostgresException { SqlState: { } state } => state
                is PostgresErrorCodes.AdminShutdown
                    or IdleInTransactionTimeout
                    or PostgresErrorCodes.CrashShutdown
                    or PostgresErrorCodes.CannotConnectNow
                    or PostgresErrorCodes.TooManyConnections,
            NpgsqlException => true,
            _ => false,
        };

    public override bool IsStorageFault(Exception exception) =>
        exception is PostgresException { SqlState: PostgresErrorCodes.DiskFull or PostgresErrorCodes.IoError };

    public override bool IsGivenUp(Exception exception) =>
        exception
            is PostgresException
            {
                SqlState: PostgresErrorCodes.DeadlockDetected
                    or PostgresErrorCodes.SerializationFailure
                    or PostgresErrorCodes.LockNotAvailable
            };

    // Classes: data, integrity, syntax and names, limits of the program.
    public override bool IsRefused(Exception exception) =>
        exception is PostgresException { SqlState: { Length: 5 } state }
        && state[..2] is ("22" or "23" or "42" or "54");

    public override bool IsInvalidRegex(Exception exception) =>
        exception is PostgresException { SqlState: PostgresErrorCodes.InvalidRegularExpression };
}
