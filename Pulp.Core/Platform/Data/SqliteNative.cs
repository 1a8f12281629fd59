using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Pulp.Core.Platform.Data;

/// <summary>Chooses the native library: the system's where it is at least as new as the one that is shipped.</summary>
internal static class SqliteNative
{
    private const int ShippedVersion = 3_035_005;
    private const int NoCheckpointOnClose = 1006;
    private static readonly Lock Once = new();
    private static bool s_done;

    public static void Register()
    {
        lock (Once)
        {
            if (s_done)
            {
                return;
            }

            NativeLibrary.SetDllImportResolver(typeof(SQLite3Provider_e_sqlite3).Assembly, Resolve);
            raw.SetProvider(new SQLite3Provider_e_sqlite3());
            // Statistics of memory that nobody reads take a lock of the whole process at every allocation.
            SqliteException.ThrowExceptionForRC(raw.sqlite3_config(raw.SQLITE_CONFIG_MEMSTATUS, 0), db: null);
            s_done = true;
        }
    }

    /// <summary>
    /// The files of the log and of the readers' shared memory stay when the last connection is closed: on a disk that is full they
    /// couldn't be made again, and nothing could be read.
    /// </summary>
    public static void KeepSharedMemory(SqliteConnection connection) =>
        SqliteException.ThrowExceptionForRC(
            raw.sqlite3_db_config(connection.Handle, NoCheckpointOnClose, 1, out _),
            connection.Handle
        );

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (
            name == "e_sqlite3"
            && NativeLibrary.TryLoad("libsqlite3.so.0", out var system)
            && NativeLibrary.TryGetExport(system, "sqlite3_libversion_number", out var export)
        )
        {
            var version = Marshal.GetDelegateForFunctionPointer<VersionNumber>(export)();
            if (version >= ShippedVersion)
            {
                return system;
            }
        }

        return nint.Zero;
    }

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int VersionNumber();
}

/// <summary>Functions that SQLite lacks and the filters need.</summary>
internal static class SqliteFunctions
{
    private static readonly TimeSpan RegexLimit = TimeSpan.FromMilliseconds(250);

    public static void Register(SqliteConnection connection)
    {
        connection.CreateFunction("pulp_lower", (string? text) => text?.ToLowerInvariant(), isDeterministic: true);
        connection.CreateFunction(
            "pulp_matches",
            (string? text, string pattern, long ignoreCase) =>
                text is not null && Regex.IsMatch(text, pattern, Options(ignoreCase != 0), RegexLimit),
            isDeterministic: true
        );
    }

    /// <summary>Patterns come from users: no back-tracking, so that none takes exponential time.</summary>
    public static RegexOptions Options(bool ignoreCase) =>
        RegexOptions.NonBacktracking
        | RegexOptions.CultureInvariant
        | (ignoreCase ? RegexOptions.IgnoreCase : RegexOptions.None);
}
