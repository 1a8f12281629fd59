using System.Data.Common;
using Npgsql;
using NpgsqlTypes;
using Pulp.PluginSdk.Data;

namespace Pulp.Core.Platform.Data;

internal sealed class PostgresDialect : Dialect
{
    public override bool IsPostgres => true;

    protected override string ListSource(string parameter) => $"(select unnest({parameter}))";

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

    /// <summary>One round trip for all.</summary>
    public override async Task<IReadOnlyList<IReadOnlyList<object?[]>>> BatchAsync(
        ConnectionLease lease,
        IReadOnlyList<SqlText> statements,
        CancellationToken cancellationToken
    )
    {
        await using var batch = ((NpgsqlConnection)lease.Connection).CreateBatch();
        batch.Transaction = (NpgsqlTransaction?)lease.Transaction;
        foreach (var statement in statements)
        {
            var rendered = Render(statement);
            var command = new NpgsqlBatchCommand(rendered.Text);
            rendered.AddTo(command.Parameters, static () => new NpgsqlParameter());
            batch.BatchCommands.Add(command);
        }

        var results = new List<IReadOnlyList<object?[]>>();
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        for (var more = reader.FieldCount > 0; more; more = await reader.NextResultAsync(cancellationToken))
        {
            results.Add(await RowsAsync(reader, cancellationToken));
        }

        return results;
    }

    public override Task<int> InsertManyAsync(
        ConnectionLease lease,
        string table,
        IReadOnlyList<BulkColumn> columns,
        IReadOnlyCollection<object?[]> rows,
        Newness newness,
        CancellationToken cancellationToken
    ) =>
        (newness, lease.Transaction) switch
        {
            (Newness.Certain, _) => CopyAsync(lease, table, columns, rows, cancellationToken),
            (Newness.Likely, { } transaction) => CopyOrInsertAsync(
                lease,
                transaction,
                table,
                columns,
                rows,
                cancellationToken
            ),
            _ => InsertWhereMissingAsync(lease, table, columns, rows, cancellationToken),
        };

    /// <summary>COPY is the fastest way, but one row that is there fails it as a whole.</summary>
    private async Task<int> CopyOrInsertAsync(
        ConnectionLease lease,
        DbTransaction transaction,
        string table,
        IReadOnlyList<BulkColumn> columns,
        IReadOnlyCollection<object?[]> rows,
        CancellationToken cancellationToken
    )
    {
        await transaction.SaveAsync("bulk", cancellationToken);
        try
        {
            var inserted = await CopyAsync(lease, table, columns, rows, cancellationToken);
            await transaction.ReleaseAsync("bulk", cancellationToken);
            return inserted;
        }
        catch (PostgresException error) when (IsUniqueViolation(error))
        {
            await transaction.RollbackAsync("bulk", cancellationToken);
            return await InsertWhereMissingAsync(lease, table, columns, rows, cancellationToken);
        }
    }

    /// <summary>One array a column: one round trip and one plan whatever the number of rows.</summary>
    private static async Task<int> InsertWhereMissingAsync(
        ConnectionLease lease,
        string table,
        IReadOnlyList<BulkColumn> columns,
        IReadOnlyCollection<object?[]> rows,
        CancellationToken cancellationToken
    )
    {
        await using var command = ((NpgsqlConnection)lease.Connection).CreateCommand();
        command.Transaction = (NpgsqlTransaction?)lease.Transaction;
        var names = string.Join(", ", columns.Select(c => c.Name));
        var holes = string.Join(", ", columns.Select((_, i) => $"@p{i}"));
#pragma warning disable CA2100 // Names come from declarations
        command.CommandText = $"insert into {table} ({names}) select * from unnest({holes}) on conflict do nothing";
#pragma warning restore CA2100
        for (var i = 0; i < columns.Count; i++)
        {
            command.Parameters.Add(
                new NpgsqlParameter($"@p{i}", NpgsqlDbType.Array | DbType(columns[i].Type))
                {
                    Value = Column(columns[i].Type, rows, i),
                }
            );
        }

        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<int> CopyAsync(
        ConnectionLease lease,
        string table,
        IReadOnlyList<BulkColumn> columns,
        IReadOnlyCollection<object?[]> rows,
        CancellationToken cancellationToken
    )
    {
        var names = string.Join(", ", columns.Select(c => c.Name));
        await using var copy = await ((NpgsqlConnection)lease.Connection).BeginBinaryImportAsync(
            $"copy {table} ({names}) from stdin (format binary)",
            cancellationToken
        );
        foreach (var row in rows)
        {
            await copy.StartRowAsync(cancellationToken);
            for (var i = 0; i < columns.Count; i++)
            {
                var value = row[i] switch
                {
                    JsonText json => json.Json,
                    DateTimeOffset moment => moment.UtcDateTime,
                    var other => other,
                };
                await (
                    value is null
                        ? copy.WriteNullAsync(cancellationToken)
                        : copy.WriteAsync(value, DbType(columns[i].Type), cancellationToken)
                );
            }
        }

        return (int)await copy.CompleteAsync(cancellationToken);
    }

    private static NpgsqlDbType DbType(ColumnType type) =>
        type switch
        {
            ColumnType.Text => NpgsqlDbType.Text,
            ColumnType.Integer => NpgsqlDbType.Integer,
            ColumnType.BigInteger => NpgsqlDbType.Bigint,
            ColumnType.Double => NpgsqlDbType.Double,
            ColumnType.Boolean => NpgsqlDbType.Boolean,
            ColumnType.Timestamp => NpgsqlDbType.TimestampTz,
            ColumnType.Uuid => NpgsqlDbType.Uuid,
            ColumnType.Json => NpgsqlDbType.Jsonb,
            ColumnType.Binary => NpgsqlDbType.Bytea,
            _ => throw new InvalidOperationException($"Column type {type} isn't known."),
        };

    private static Array Column(ColumnType type, IReadOnlyCollection<object?[]> rows, int index) =>
        type switch
        {
            ColumnType.Text => rows.Select(r => (string?)r[index]).ToArray(),
            ColumnType.Json => rows.Select(r => r[index] is JsonText json ? json.Json : (string?)r[index]).ToArray(),
            ColumnType.Integer => rows.Select(r => (int?)r[index]).ToArray(),
            ColumnType.BigInteger => rows.Select(r => (long?)r[index]).ToArray(),
            ColumnType.Double => rows.Select(r => (double?)r[index]).ToArray(),
            ColumnType.Boolean => rows.Select(r => (bool?)r[index]).ToArray(),
            ColumnType.Timestamp => rows.Select(r => ((DateTimeOffset?)r[index])?.UtcDateTime).ToArray(),
            ColumnType.Uuid => rows.Select(r => (Guid?)r[index]).ToArray(),
            ColumnType.Binary => rows.Select(r => (byte[]?)r[index]).ToArray(),
            _ => throw new InvalidOperationException($"Column type {type} isn't known."),
        };

    public override bool IsUniqueViolation(Exception exception) =>
        exception is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation };

    public override bool IsForeignKeyViolation(Exception exception) =>
        exception
            is PostgresException
            {
                SqlState: PostgresErrorCodes.ForeignKeyViolation or PostgresErrorCodes.RestrictViolation
            };

    public override bool IsConnectionLost(Exception exception) =>
        exception switch
        {
            PostgresException { SqlState: { } state } => state
                is PostgresErrorCodes.AdminShutdown
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
