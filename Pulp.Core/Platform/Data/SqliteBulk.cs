using System.Globalization;
using System.Text;
using Microsoft.Data.Sqlite;
using Pulp.PluginSdk.Data;
using SQLitePCL;

namespace Pulp.Core.Platform.Data;

/// <summary>
/// Runs one statement for many rows on SQLite itself: the driver looks up every parameter by its name and makes objects for each
/// row, which takes longer than the insert.
/// </summary>
internal static class SqliteBulk
{
    private const int MaxStack = 512;

    /// <summary>Answers how many rows were changed.</summary>
    /// <exception cref="SqliteException">The statement failed; the caller's transaction undoes what it did.</exception>
    public static int Run(
        SqliteConnection connection,
        sqlite3_stmt statement,
        IReadOnlyCollection<object?[]> rows,
        CancellationToken cancellationToken
    )
    {
        var database = connection.Handle;
        try
        {
            var changed = 0;
            foreach (var row in rows)
            {
                cancellationToken.ThrowIfCancellationRequested();
                for (var i = 0; i < row.Length; i++)
                {
                    Bind(statement, i + 1, row[i]);
                }

                var result = raw.sqlite3_step(statement);
                if (result != raw.SQLITE_DONE)
                {
                    SqliteException.ThrowExceptionForRC(result, database);
                }

                changed += raw.sqlite3_changes(database);
                _ = raw.sqlite3_reset(statement);
            }

            return changed;
        }
        finally
        {
            // It is kept: one that failed would stand in the way of the end of the transaction, and its values would take memory.
            _ = raw.sqlite3_reset(statement);
            _ = raw.sqlite3_clear_bindings(statement);
        }
    }

    private static void Bind(sqlite3_stmt statement, int at, object? value)
    {
        Span<byte> text = stackalloc byte[36];
        switch (value)
        {
            case Guid id:
                id.TryFormat(text, out var written);
                _ = raw.sqlite3_bind_text(statement, at, text[..written]);
                return;
            case DateTimeOffset moment:
                moment.UtcDateTime.TryFormat(text, out written, Dialect.TimestampFormat, CultureInfo.InvariantCulture);
                _ = raw.sqlite3_bind_text(statement, at, text[..written]);
                return;
        }

        switch (SqliteDialect.Convert(value))
        {
            case DBNull:
                _ = raw.sqlite3_bind_null(statement, at);
                break;
            case string characters:
                Bind(statement, at, characters);
                break;
            case byte[] { Length: 0 }:
                _ = raw.sqlite3_bind_zeroblob(statement, at, 0);
                break;
            case byte[] bytes:
                _ = raw.sqlite3_bind_blob(statement, at, bytes);
                break;
            case double number:
                _ = raw.sqlite3_bind_double(statement, at, number);
                break;
            case var number:
                _ = raw.sqlite3_bind_int64(statement, at, System.Convert.ToInt64(number, CultureInfo.InvariantCulture));
                break;
        }
    }

    private static void Bind(sqlite3_stmt statement, int at, string text)
    {
        if (text.Length == 0)
        {
            // The memory of an empty span is null, and so would be the value.
            _ = raw.sqlite3_bind_text(statement, at, "");
            return;
        }

        var most = Encoding.UTF8.GetMaxByteCount(text.Length);
        Span<byte> bytes = most <= MaxStack ? stackalloc byte[most] : new byte[most];
        var length = Encoding.UTF8.GetBytes(text, bytes);
        _ = raw.sqlite3_bind_text(statement, at, bytes[..length]);
    }
}
