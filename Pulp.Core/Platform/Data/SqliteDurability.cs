using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Pulp.Core.Platform.Data;

/// <summary>Makes durable what was committed under <c>synchronous = normal</c>, whose commits leave the flushing of the log for later.</summary>
internal static class SqliteDurability
{
    /// <summary>
    /// One commit under <c>full</c> flushes the log with all that was committed before. It needs a change, even if to what is there.
    /// A checkpoint wouldn't do: it flushes nothing as long as a reader looks at what was there before.
    /// </summary>
    public static async Task FlushLogAsync(SqliteConnection connection, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = "pragma user_version";
        var version = (long?)await command.ExecuteScalarAsync(cancellationToken) ?? 0;
#pragma warning disable CA2100 // A number
        command.CommandText = string.Create(
            CultureInfo.InvariantCulture,
            $"pragma synchronous = full; pragma user_version = {version}; pragma synchronous = normal"
        );
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
