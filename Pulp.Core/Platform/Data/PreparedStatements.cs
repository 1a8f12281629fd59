using System.Data.Common;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Pulp.Core.Platform.Data;

/// <summary>
/// SQLite takes longer to prepare most statements than to run them: each connection keeps those it used last. One user at a time has
/// a connection and reads what it asks for before it asks again, so a statement is never used twice at once.
/// </summary>
internal sealed class PreparedStatements
{
    private readonly KeptStatements<DbCommand> _commands = new();
    private readonly KeptStatements<sqlite3_stmt> _bulk = new();

    public DbCommand For(ConnectionLease lease, RenderedSql sql)
    {
        if (_commands.TryGet(sql.Text, out var command))
        {
            sql.SetOn(command);
            command.Transaction = lease.Transaction;
            return command;
        }

        command = sql.CommandOn(lease);
        _commands.Add(sql.Text, command);
        return command;
    }

    /// <summary>A statement for many rows (<see cref="SqliteBulk"/>), without values.</summary>
    public sqlite3_stmt ForBulk(SqliteConnection connection, string sql)
    {
        if (!_bulk.TryGet(sql, out var statement))
        {
            var database = connection.Handle;
            SqliteException.ThrowExceptionForRC(raw.sqlite3_prepare_v2(database, sql, out statement), database);
            _bulk.Add(sql, statement);
        }

        return statement;
    }

    public void Clear()
    {
        _commands.Clear();
        _bulk.Clear();
    }
}
