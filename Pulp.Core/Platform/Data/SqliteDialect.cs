using System.Data.Common;
using System.Globalization;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Pulp.PluginSdk.Data;

namespace Pulp.Core.Platform.Data;

internal sealed class SqliteDialect : Dialect
{
    public override bool IsPostgres => false;

    protected override string ListSource(string parameter) => $"(select value from json_each({parameter}))";

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

    /// <summary>There is no way to save: a call is all it takes.</summary>
    public override async Task<IReadOnlyList<IReadOnlyList<object?[]>>> BatchAsync(
        ConnectionLease lease,
        IReadOnlyList<SqlText> statements,
        CancellationToken cancellationToken
    )
    {
        var results = new List<IReadOnlyList<object?[]>>();
        foreach (var statement in statements)
        {
            await using var reader = await SqlSession.ReadAsync(Render(statement), lease, cancellationToken);
            if (reader.FieldCount > 0)
            {
                results.Add(await RowsAsync(reader, cancellationToken));
            }
        }

        return results;
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
        await using var own = lease.Transaction is null
            ? await lease.Connection.BeginTransactionAsync(cancellationToken)
            : null;
        var names = string.Join(", ", columns.Select(c => c.Name));
        var holes = string.Join(", ", columns.Select(_ => "?"));
        var inserted = SqliteBulk.Run(
            (SqliteConnection)lease.Connection,
            $"insert into {table} ({names}) values ({holes})"
                + (newness == Newness.Certain ? "" : " on conflict do nothing"),
            rows,
            cancellationToken
        );
        if (own is not null)
        {
            await own.CommitAsync(cancellationToken);
        }

        return inserted;
    }

    public override bool IsUniqueViolation(Exception exception) =>
        exception is SqliteException { SqliteExtendedErrorCode: 2067 or 1555 };

    public override bool IsForeignKeyViolation(Exception exception) =>
        exception is SqliteException { SqliteExtendedErrorCode: 787 or 1811 };

    // A file has no connection to lose.
    public override bool IsConnectionLost(Exception exception) => false;

    // There is one writer at a time.
    public override bool IsDeadlock(Exception exception) => false;

    // The pattern is compiled before the statement runs: see SqliteFunctions.
    public override bool IsInvalidRegex(Exception exception) => false;
}
