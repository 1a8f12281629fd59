using Microsoft.Data.Sqlite;

namespace Pulp.Core.Platform.Data;

/// <summary>Takes the files of the embedded database from other accounts of the machine.</summary>
internal sealed partial class SqlitePrivacy(string path, ILogger<Database> logger)
{
    private volatile bool _isPrivate;

    /// <summary>
    /// Password hashes and sessions lie in it, wherever it lies. Only a file that SQLite has taken for a database, and that isn't a
    /// device, is taken from others: the setting may name anything. It is not opened for that: closing it would drop SQLite's locks.
    /// </summary>
    public void Ensure(SqliteConnection connection)
    {
        if (_isPrivate)
        {
            return;
        }

        // Only reading shows whether it is one.
        using var read = connection.CreateCommand();
        read.CommandText = "select count(*) from sqlite_master";
        read.ExecuteScalar();
        if (new FileInfo(path).Length == 0)
        {
            return;
        }

        try
        {
            PrivateFiles.Restrict(path);
            PrivateFiles.Restrict(path + "-wal");
            PrivateFiles.Restrict(path + "-shm");
        }
        catch (UnauthorizedAccessException error)
        {
            // It works, but belongs to somebody else.
            LogNotPrivate(path, error.Message);
        }

        _isPrivate = true;
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "{Path} can't be made readable for its owner alone; password hashes are in it: {Reason}"
    )]
    private partial void LogNotPrivate(string path, string reason);
}
