using System.Data.Common;
using Npgsql;
using NpgsqlTypes;
using Pulp.PluginSdk.Data;

namespace Pulp.Core.Platform.Data;

/// <summary>Inserts many rows of one table, the fastest way that what is known of them allows.</summary>
internal sealed class PostgresBulk(
    PostgresDialect dialect,
    ConnectionLease lease,
    string table,
    IReadOnlyList<BulkColumn> columns
)
{
    private const int Few = 50;
    private readonly string _names = string.Join(", ", columns.Select(c => c.Name));

    /// <summary>A copy takes some round trips more than it saves.</summary>
    public static bool AreFew(IReadOnlyCollection<object?[]> rows) => rows.Count <= Few;

    /// <summary>Few rows of several tables, in one round trip.</summary>
    public static async Task<IReadOnlyList<int>> InsertFewAsync(
        PostgresDialect dialect,
        ConnectionLease lease,
        IReadOnlyList<BulkRows> inserts,
        CancellationToken cancellationToken
    )
    {
        var condition = lease.TakeCondition();
        await using var batch = PostgresConditions.BatchOf(lease, dialect, condition);
        var commands = new NpgsqlBatchCommand?[inserts.Count];
        for (var i = 0; i < commands.Length; i++)
        {
            if (inserts[i].Rows.Count > 0)
            {
                var (table, columns, rows, _) = inserts[i];
                var command = new PostgresBulk(dialect, lease, table, columns).WhereMissing(rows);
                commands[i] = command;
                batch.BatchCommands.Add(command);
            }
        }

        await PostgresConditions.ExecuteAsync(batch, condition, cancellationToken);
        return [.. commands.Select(c => (int)(c?.RecordsAffected ?? 0))];
    }

    public async Task<int> InsertAsync(
        IReadOnlyCollection<object?[]> rows,
        Newness newness,
        CancellationToken cancellationToken
    )
    {
        if (newness == Newness.Unknown || AreFew(rows) || lease.Transaction is not { } transaction)
        {
            return await InsertWhereMissingAsync(rows, cancellationToken);
        }

        // A copy can't be part of a batch.
        await dialect.CheckAsync(lease, cancellationToken);
        return newness == Newness.Certain
            ? await CopyAsync(rows, cancellationToken)
            : await CopyOrInsertAsync(transaction, rows, cancellationToken);
    }

    /// <summary>COPY is the fastest way, but one row that is there fails it as a whole.</summary>
    private async Task<int> CopyOrInsertAsync(
        DbTransaction transaction,
        IReadOnlyCollection<object?[]> rows,
        CancellationToken cancellationToken
    )
    {
        await transaction.SaveAsync("bulk", cancellationToken);
        try
        {
            var inserted = await CopyAsync(rows, cancellationToken);
            await transaction.ReleaseAsync("bulk", cancellationToken);
            return inserted;
        }
        catch (PostgresException error) when (dialect.IsUniqueViolation(error))
        {
            await transaction.RollbackAsync("bulk", cancellationToken);
            return await InsertWhereMissingAsync(rows, cancellationToken);
        }
    }

    /// <summary>One array a column: one round trip and one plan whatever the number of rows.</summary>
    private async Task<int> InsertWhereMissingAsync(
        IReadOnlyCollection<object?[]> rows,
        CancellationToken cancellationToken
    )
    {
        var condition = lease.TakeCondition();
        await using var batch = PostgresConditions.BatchOf(lease, dialect, condition);
        batch.BatchCommands.Add(WhereMissing(rows));
        return await PostgresConditions.ExecuteAsync(batch, condition, cancellationToken);
    }

    private NpgsqlBatchCommand WhereMissing(IReadOnlyCollection<object?[]> rows)
    {
        var holes = string.Join(", ", columns.Select((_, i) => $"@p{i}"));
        var command = new NpgsqlBatchCommand(
            $"insert into {table} ({_names}) select * from unnest({holes}) on conflict do nothing"
        );
        for (var i = 0; i < columns.Count; i++)
        {
            command.Parameters.Add(
                new NpgsqlParameter($"@p{i}", NpgsqlDbType.Array | DbType(columns[i].Type))
                {
                    Value = Column(columns[i].Type, rows, i),
                }
            );
        }

        return command;
    }

    private async Task<int> CopyAsync(IReadOnlyCollection<object?[]> rows, CancellationToken cancellationToken)
    {
        await using var copy = await ((NpgsqlConnection)lease.Connection).BeginBinaryImportAsync(
            $"copy {table} ({_names}) from stdin (format binary)",
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
}
