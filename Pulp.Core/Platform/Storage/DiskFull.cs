using Microsoft.Data.Sqlite;

namespace Pulp.Core.Platform.Storage;

/// <summary>Tells a full disk from other failures: it is the operator's to mend, and nothing is lost by it.</summary>
internal static class DiskFull
{
    public const string Message =
        "No space is left on the server's disk. Nothing was changed; free some space and try again.";
    private const int NoSpace = 28;
    private const int QuotaExceeded = 122;
    private const int SqliteFull = 13;

    public static bool Is(Exception error) =>
        error switch
        {
            IOException io => (io.HResult & 0xffff) is NoSpace or QuotaExceeded,
            SqliteException sqlite => sqlite.SqliteErrorCode == SqliteFull,
            Npgsql.PostgresException postgres => postgres.SqlState == Npgsql.PostgresErrorCodes.DiskFull,
            _ => error.InnerException is not null && Is(error.InnerException),
        };
}
