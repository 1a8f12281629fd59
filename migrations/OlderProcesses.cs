using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Migrations;

namespace Pulp.Migrations;

/// <summary>Processes of older releases, which a migration may break while they run.</summary>
internal static class OlderProcesses
{
    /// <summary>Refuses a migration while one runs that is older than it takes, and names that one.</summary>
    /// <exception cref="MigrationRefusedException">There is one.</exception>
    public static async Task RefuseAsync(
        IDb tx,
        Component component,
        Migration migration,
        Version oldest,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        var running = await tx.QueryAsync<ProcessRow>(
            $"select name, app_type, versions, ttl_seconds, last_heartbeat from core_appstatus",
            cancellationToken
        );
        foreach (var process in running.Where(p => p.LastHeartbeat.AddSeconds(p.TtlSeconds) > now))
        {
            var versions =
                System.Text.Json.JsonSerializer.Deserialize<Dictionary<string, string>>(process.Versions) ?? [];
            if (
                versions.TryGetValue(component.Label, out var text)
                && Version.TryParse(text, out var version)
                && version < oldest
            )
            {
                throw new MigrationRefusedException(
                    $"The migration {component.Label} {migration.Id:0000} {migration.Name} would break the {process.AppType} "
                        + $"process {process.Name}, which runs {component.Label} {text} and must run {oldest} or newer first."
                );
            }
        }
    }

    private sealed record ProcessRow
    {
        public string Name { get; init; } = "";

        public string AppType { get; init; } = "";

        public string Versions { get; init; } = "{}";

        public long TtlSeconds { get; init; }

        public DateTimeOffset LastHeartbeat { get; init; }
    }
}
