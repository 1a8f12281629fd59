using System.Text.Json;
using Pulp.Core.Access;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Modules;
using Pulp.Core.Platform.OpenApi;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Platform.Settings;
using Pulp.Core.Platform.Storage;
using Pulp.Core.Tasks;

namespace Pulp.Core.Status;

/// <summary>Whether the system is well: status for everybody, livez without the database.</summary>
internal sealed class StatusApi(
    ApiOperations operations,
    Database database,
    FileStorage storage,
    PulpSettings settings,
    ComponentVersions versions
) : IOperations
{
    public void Map()
    {
        Describe();
        operations.Add(
            new Operation
            {
                Id = "status_read",
                Method = "GET",
                Route = ResourceKind.ApiRoot + "status/",
                Tag = "Status",
                Summary = "Inspect status of Pulp",
                Access = new AccessRule.Public(),
                Parameters = [.. KindParameters.OfFields()],
                Responses = ResourceApi.Ok(200, "StatusResponse"),
                Handler = StatusAsync,
            }
        );
        operations.Add(
            new Operation
            {
                Id = "livez_read",
                Method = "GET",
                Route = ResourceKind.ApiRoot + "livez/",
                Tag = "Livez",
                Summary = "Inspect liveness of Pulp's REST API.",
                Access = new AccessRule.Public(),
                Parameters = [.. KindParameters.OfFields()],
                Responses = new Dictionary<int, System.Text.Json.Nodes.JsonObject?> { [200] = null },
                Handler = _ => Task.CompletedTask,
            }
        );
    }

    private async Task StatusAsync(AdmittedRequest request)
    {
        var apps = await AppsAsync(request.RequestAborted);
        var (total, used, free) = storage.Space();
        var json = new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["versions"] = versions.All.Select(v => new
            {
                component = v.Key,
                version = v.Value,
                package = v.Key is "core" or "file" or "certguard" ? "pulpcore" : "pulp-" + v.Key,
                module = v.Key == "core" ? "pulpcore.app" : $"pulp_{v.Key}.app",
                domain_compatible = true,
            }),
            ["online_workers"] = Online(apps, "worker"),
            ["online_api_apps"] = Online(apps, "api"),
            ["online_content_apps"] = Online(apps, "content"),
            ["database_connection"] = new { connected = apps is not null },
            ["redis_connection"] = new { connected = false },
            ["storage"] = new
            {
                total,
                used,
                free,
            },
            ["content_settings"] = new
            {
                content_origin = settings.ContentOrigin.Length > 0 ? settings.ContentOrigin : null,
                content_path_prefix = settings.ContentPathPrefix,
            },
            ["domain_enabled"] = settings.DomainEnabled,
        };
        var only = request
            .Request.Query["fields"]
            .OfType<string>()
            .SelectMany(f => f.Split(','))
            .ToHashSet(StringComparer.Ordinal);
        await request.Response.JsonAsync(200, json.Where(j => only.Count == 0 || only.Contains(j.Key)).ToDictionary());
    }

    private async Task<IReadOnlyList<AppRow>?> AppsAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await database.QueryAsync<AppRow>(
                $"""
                select name, app_type, last_heartbeat, versions from core_appstatus
                 where {Heartbeats.IsOnline} order by pulp_id
                """,
                cancellationToken
            );
        }
        catch (Exception error) when (error is DatabaseUnavailableException or System.Data.Common.DbException)
        {
            // This is what the answer is there to say.
            return null;
        }
    }

    private static IEnumerable<object> Online(IReadOnlyList<AppRow>? apps, string type) =>
        (apps ?? [])
            .Where(a => a.AppType == type)
            .Select(a => new
            {
                name = a.Name,
                last_heartbeat = a.LastHeartbeat.UtcDateTime.ToString(Dialect.TimestampFormat, null),
                versions = JsonDocument.Parse(a.Versions).RootElement,
            });

    private void Describe()
    {
        operations.Schema(
            "AppStatusResponse",
            Schemas.Of([
                ("name", Schemas.ReadOnlyText()),
                ("last_heartbeat", Schemas.Timestamp().ReadOnly()),
                (
                    "versions",
                    Schemas
                        .Map(
                            new System.Text.Json.Nodes.JsonObject
                            {
                                ["type"] = new System.Text.Json.Nodes.JsonArray("string", "null"),
                            }
                        )
                        .ReadOnly()
                ),
            ])
        );
        string[] version = ["component", "version", "package", "module"];
        operations.Schema(
            "VersionResponse",
            Schemas.Of(
                [.. version.Select(v => (v, Schemas.Text())), ("domain_compatible", Schemas.Boolean())],
                [.. version, "domain_compatible"]
            )
        );
        var connected = Schemas.Of([("connected", Schemas.Boolean())], "connected");
        string[] space = ["total", "used", "free"];
        operations.Schema(
            "StatusResponse",
            Schemas.Of(
                [
                    ("versions", Schemas.Array(Schemas.Ref("VersionResponse"))),
                    ("online_workers", Schemas.Array(Schemas.Ref("AppStatusResponse"))),
                    ("online_api_apps", Schemas.Array(Schemas.Ref("AppStatusResponse"))),
                    ("online_content_apps", Schemas.Array(Schemas.Ref("AppStatusResponse"))),
                    ("database_connection", connected),
                    ("redis_connection", (System.Text.Json.Nodes.JsonObject)connected.DeepClone()),
                    ("storage", Schemas.Of(space.Select(s => (s, Schemas.Integer().OrNull())), space)),
                    (
                        "content_settings",
                        Schemas.Of(
                            [("content_origin", Schemas.Text().OrNull()), ("content_path_prefix", Schemas.Text())],
                            "content_path_prefix"
                        )
                    ),
                    ("domain_enabled", Schemas.Boolean()),
                ],
                "content_settings",
                "database_connection",
                "domain_enabled",
                "online_api_apps",
                "online_content_apps",
                "online_workers",
                "versions"
            )
        );
    }

    private sealed record AppRow
    {
        public string Name { get; init; } = "";

        public string AppType { get; init; } = "";

        public DateTimeOffset LastHeartbeat { get; init; }

        public string Versions { get; init; } = "{}";
    }
}
