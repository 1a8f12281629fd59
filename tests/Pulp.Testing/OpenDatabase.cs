using Microsoft.Extensions.Logging.Abstractions;
using Pulp.Core.Platform.Data;
using Pulp.Core.Platform.Settings;
using Pulp.PluginSdk.Testing;

namespace Pulp.Testing;

/// <summary>A database without a server, or behind a server's back.</summary>
internal static class OpenDatabase
{
    /// <summary>The database of the URL; without one, the embedded one in the directory.</summary>
    public static Database At(string url, string dataDir) =>
        url.Length > 0
            ? new PostgresDatabase(
                DatabaseUrl.ToConnectionString(url),
                TimeSpan.FromMinutes(5),
                TimeProvider.System,
                NullLogger<Database>.Instance
            )
            : new SqliteDatabase(
                Path.Combine(dataDir, "pulp.db"),
                "off",
                TimeProvider.System,
                NullLogger<Database>.Instance
            );
}
