using Pulp.Core.Platform.OpenApi;
using Pulp.Core.Platform.Resources;
using static Pulp.PluginSdk.Access.AccessConditions;

namespace Pulp.Core.Uploads;

/// <summary>A file that is uploaded in chunks.</summary>
internal sealed record Upload : PulpResource
{
    [Field(
        "The size of the upload in bytes.",
        Minimum = 0,
        Filter = Lookups.Exact | Lookups.GreaterLess | Lookups.Range
    )]
    public required long Size { get; init; }
}

internal static class UploadKinds
{
    public static ResourceKind Kind() =>
        new("core", "upload", typeof(Upload), "core_upload", detailTable: null)
        {
            Path = "uploads/",
            OperationStem = "uploads",
            Tag = "Uploads",
            DomainColumn = "m.pulp_domain_id",
            Verbs = Verbs.List | Verbs.Read | Verbs.Create | Verbs.Roles,
            Policy = AccessPolicy.Of(
                AccessStatement.Allow(["retrieve", "my_permissions"], Here("core.view_upload")),
                AccessStatement.Allow(["update", "commit"], Here("core.change_upload")),
                AccessStatement.Allow(["destroy"], Here("core.delete_upload"))
            ),
            Members = (kind, context) => AddMembers(kind, context.IsPostgres),
            Operations = (kind, services) => services.GetRequiredService<UploadApi>().Map(kind),
        };

    private static void AddMembers(ResourceKind kind, bool postgres)
    {
        var chunk = postgres
            ? "json_agg(json_build_object('offset', c.start, 'size', c.size))"
            : "json_group_array(json_object('offset', c.start, 'size', c.size))";
        kind.MoreWhenRead.Add(
            Outputs.RawJson(
                "chunks",
                $"(select {chunk} from core_uploadchunk c where c.upload_id = m.pulp_id)",
                "[]",
                Schemas.Array(Schemas.Ref("UploadChunkResponse")).ReadOnly()
            )
        );
        kind.Outputs.Add(
            new OutputField(
                "completed",
                ["1"],
                (json, _, _) => json.WriteNullValue(),
                Schemas.Timestamp("Timestamp when upload is committed.").OrNull().ReadOnly()
            )
        );
    }
}
