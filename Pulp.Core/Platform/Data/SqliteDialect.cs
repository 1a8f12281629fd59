using System.Data.Common;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Pulp.PluginSdk.Data;

namespace Pulp.Core.Platform.Data;

internal sealed class SqliteDialect : Dialect
{
    public override bool IsPostgres => false;

    protected override void AppendList(StringBuilder text, List<object?> values, object? list, int count)
    {
        text.Append("(select value from json_each(").Append(NameOf(values.Count)).Append("))");
        values.Add(list);
    }

    public override void SetValue(DbParameter parameter, object? value) => parameter.Value = Convert(value);

    public static object Convert(object? value) =>
        value switch
        {
            null => DBNull.Value,
            Guid id => id.ToString("D"),
            DateTimeOffset moment => moment.UtcDateTime.ToString(TimestampFormat, CultureInfo.InvariantCulture),
            bool flag => flag ? 1L : 0L,
            JsonText json => json.Json,
            Resources.LabelKey label => $"$.\"{label.Key}\"",
            IReadOnlyCollection<Guid> ids => JsonSerializer.Serialize(ids),
            IReadOnlyCollection<string> texts => JsonSerializer.Serialize(texts),
            IReadOnlyCollection<long> numbers => JsonSerializer.Serialize(numbers),
            _ => value,
        };

    public override async Task CheckAsync(ConnectionLease lease, CancellationToken cancellationToken)
    {
        if (lease.TakeCondition() is { } condition)
        {
            var held = await lease
                .CommandFor(Render($"select count(*) from ({condition.Holds}) held"))
                .ExecuteScalarAsync(cancellationToken);
            if (held is not > 0L)
            {
                throw condition.Broken();
            }
        }
    }

    /// <summary>There is no way to save: a call is all it takes.</summary>
    public override async Task ReadAllAsync(
        ConnectionLease lease,
        IReadOnlyList<SqlText> statements,
        Func<int, DbDataReader, Task> read,
        CancellationToken cancellationToken
    )
    {
        var number = 0;
        foreach (var statement in statements)
        {
            await using var reader = await ReadAsync(lease, Render(statement), cancellationToken);
            if (reader.FieldCount > 0)
            {
                await read(number++, reader);
            }
        }
    }

    public override async Task<int> InsertManyAsync(
        ConnectionLease lease,
        string table,
        IReadOnlyList<BulkColumn> columns,
        IReadOnlyCollection<object?[]> rows,
        Newness newness,
        CancellationToken cancellationToken
    )
    {
        await CheckAsync(lease, cancellationToken);
        var names = string.Join(", ", columns.Select(c => c.Name));
        var holes = string.Join(", ", columns.Select(_ => "?"));
        var sql =
            $"insert into {table} ({names}) values ({holes})"
            + (newness == Newness.Certain ? "" : " on conflict do nothing");
        var connection = (SqliteConnection)lease.Connection;
        var prepared = lease.Prepared ?? throw new InvalidOperationException("Connections of SQLite keep statements.");
        return SqliteBulk.Run(connection, prepared.ForBulk(connection, sql), rows, cancellationToken);
    }

    public override bool IsUniqueViolation(Exception exception) =>
        exception is SqliteException { SqliteExtendedErrorCode: 2067 or 1555 };

    public override bool IsForeignKeyViolation(Exception exception) =>
        exception is SqliteException { SqliteExtendedErrorCode: 787 or 1811 };

    // A file has no connection to lose.
    public override bool IsConnectionLost(Exception exception) => false;

    // Out of memory, reading or writing failed, damaged, full, can't be opened, not a database.
    public override bool IsStorageFault(Exception exception) =>
        exception is SqliteException { SqliteErrorCode: 7 or 10 or 11 or 13 or 14 or 26 };

    // There is one writer at a time; another process's may keep ours waiting for too long (busy, locked).
    public override bool IsGivenUp(Exception exception) => exception is SqliteException { SqliteErrorCode: 5 or 6 };

    // An error in the statement, too big, a constraint, a mismatch of types, a parameter that isn't there.
    public override bool IsRefused(Exception exception) =>
        exception is SqliteException { SqliteErrorCode: 1 or 18 or 19 or 20 or 25 };

    // The pattern is compiled before the statement runs: see SqliteFunctions.
    public override bool IsInvalidRegex(Exception exception) => false;
}
