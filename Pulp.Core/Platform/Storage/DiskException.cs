using Microsoft.Data.Sqlite;
using Npgsql;

namespace Pulp.Core.Platform.Storage;

/// <summary>
/// The server's own disk, or its database's, can't be used, or not now: the operator's to mend where it doesn't pass, and nothing is
/// lost by it. What the system said is for the log; clients learn no paths.
/// </summary>
internal sealed class DiskException : PulpException
{
    private DiskException(Kind kind, Exception error)
        : base(kind.Message, error)
    {
        Code = kind.Code;
        Status = kind.Status;
        RetryAfter = kind == Busy ? TimeSpan.FromSeconds(1) : null;
    }

    /// <summary>There is no space left.</summary>
    public bool IsFull => Status == Full.Status;

    public override TimeSpan? RetryAfter { get; }

    public override string Code { get; }

    public override int Status { get; }

    private sealed record Kind(string Code, int Status, string Message);

    private static readonly Kind Full = new(
        "PLP0507",
        507,
        "No space left on the server's disk. Nothing was changed; free some space and try again."
    );

    private static readonly Kind ReadOnly = new("PLP0521", 503, "The server's disk or database is read-only.");

    private static readonly Kind Denied = new("PLP0522", 500, "The server isn't permitted to use its own files.");

    private static readonly Kind TooManyFiles = new("PLP0523", 503, "The server has too many files open.");

    private static readonly Kind Failing = new("PLP0524", 500, "The server's disk reports an error.");

    private static readonly Kind Busy = new(
        "PLP0525",
        503,
        "The database is busy with somebody else's change. Nothing was changed; try again."
    );

    /// <summary>The exception if it is about the disk, else null.</summary>
    public static DiskException? From(Exception error) =>
        KindOf(error) is { } kind ? new DiskException(kind, error)
        : error.InnerException is { } inner ? From(inner)
        : null;

    /// <summary>What of an error is meant for the client. No space left is the reason for whatever came of it.</summary>
    public static PulpException? Known(Exception error) =>
        From(error) is { } disk && (error is not PulpException || disk.IsFull) ? disk : error as PulpException;

    private static Kind? KindOf(Exception error) =>
        error switch
        {
            UnauthorizedAccessException => Denied,
            IOException io => OfSystem(io.HResult & 0xffff),
            SqliteException sqlite => OfSqlite(sqlite.SqliteErrorCode, sqlite.SqliteExtendedErrorCode),
            PostgresException postgres => postgres.SqlState switch
            {
                PostgresErrorCodes.DiskFull => Full,
                PostgresErrorCodes.ReadOnlySqlTransaction => ReadOnly,
                PostgresErrorCodes.IoError => Failing,
                PostgresErrorCodes.DeadlockDetected
                or PostgresErrorCodes.SerializationFailure
                or PostgresErrorCodes.LockNotAvailable => Busy,
                _ => null,
            },
            _ => null,
        };

    // As errno.h has them; .NET passes them on.
    private static Kind? OfSystem(int error) =>
        error switch
        {
            28 or 122 => Full,
            30 => ReadOnly,
            1 or 13 => Denied,
            23 or 24 => TooManyFiles,
            5 => Failing,
            _ => null,
        };

    // As sqlite3.h has them; what can't be enlarged for the readers' shared memory (4874) has no space either.
    private static Kind? OfSqlite(int error, int extended) =>
        (error, extended) switch
        {
            (13, _) or (_, 4874) => Full,
            (5 or 6, _) => Busy,
            (8, _) => ReadOnly,
            (3, _) => Denied,
            (10 or 11 or 26, _) => Failing,
            _ => null,
        };
}
