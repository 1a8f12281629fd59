using Microsoft.Data.Sqlite;

namespace Pulp.Core.Platform.Data;

/// <summary>A connection with the statements it keeps.</summary>
internal sealed class SqliteLendable(SqliteConnection connection)
{
    private readonly PreparedStatements _prepared = new();

    public ConnectionLease Lease(Func<ConnectionLease, ValueTask> giveBack) =>
        new(connection, transaction: null, giveBack) { Prepared = _prepared };

    public SqliteCommand CreateCommand() => connection.CreateCommand();

    /// <summary>Moves the log into the database and empties it: without it the database's file is all there is.</summary>
    public void Checkpoint()
    {
        try
        {
            using var command = CreateCommand();
            command.CommandText = "pragma wal_checkpoint(truncate)";
            command.ExecuteNonQuery();
        }
        catch (SqliteException)
        {
            // On a full disk, say: the log stays and is read at the next start.
        }
    }

    public void Discard()
    {
        try
        {
            _prepared.Clear();
            connection.Dispose();
        }
        catch (Exception error) when (error is SqliteException or InvalidOperationException)
        {
            // One that is broken may fail even at its end; SQLite has taken back what it was at.
        }
    }
}
