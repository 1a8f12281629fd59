using System.Text.Json;
using System.Text.Json.Nodes;
using Pulp.Core.Platform.OpenApi;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Platform.Storage;
using Pulp.Core.Plugins;
using Pulp.PluginSdk.Plugin;

namespace Pulp.Core.Contents;

/// <summary>The kinds of content: members, filters and their generic list.</summary>
internal static class ContentKinds
{
    public static ResourceFamily<ContentDeclaration> Family { get; } =
        new("content", typeof(Content))
        {
            GenericModel = "MultipleArtifactContent",
            Verbs = Verbs.List | Verbs.Read | Verbs.Labels,
            Members = AddMembers,
            Scope = SeenContent.Where,
            ScopeKeys = SeenContent.Keys,
            Behavior = (_, _) => ContentTask.Behavior(),
            Operations = (kind, declaration, services) =>
            {
                if (declaration.IsFromFile && !kind.Without.HasFlag(Operations.Create))
                {
                    services.GetRequiredService<ContentUploadApi>().Map(kind, declaration);
                }
            },
        };

    private static void AddMembers(ResourceKind kind, ContentDeclaration? declaration, KindContext context)
    {
        var postgres = context.IsPostgres;
        kind.Outputs.Add(
            new OutputField(
                "vuln_report",
                [$"(select x.pulp_id from core_vulnerabilityreport x where x.content_id = {kind.Key})"],
                (json, row, at) =>
                {
                    if (row.IsNull(at))
                    {
                        json.WriteNullValue();
                    }
                    else
                    {
                        row.WriteHref(json, at, "vuln_report/");
                    }
                },
                Schemas.ReadOnlyUri().OrNull()
            )
        );
        if (declaration is { IsFromFile: true })
        {
            AddArtifact(kind, hasOne: declaration.Complete is not null, postgres);
        }
        else
        {
            AddArtifacts(kind, postgres);
        }

        foreach (var reference in declaration?.References ?? [])
        {
            AddReferred(kind, reference, context);
        }

        AddFilters(kind);
    }

    private static void AddArtifact(ResourceKind kind, bool hasOne, bool postgres)
    {
        // Ids of files count up as they are declared: the first is the unit's own.
        SqlText file = hasOne
            ? (SqlText)$"left join core_contentartifact ca on ca.content_id = d.pulp_id"
            : $"""
                left join core_contentartifact ca
                  on ca.pulp_id = (select f.pulp_id from core_contentartifact f where f.content_id = d.pulp_id order by f.pulp_id limit 1)
                """;
        // A file that wasn't fetched yet shows the digests that its upstream promised: of several, the one that tells most.
        SqlText promised = $"""
            from core_remoteartifact x where x.content_artifact_id = ca.pulp_id and a.pulp_id is null
             order by x.sha256 is null, x.pulp_id limit 1
            """;
        SqlText remote = postgres
            ? (SqlText)$"left join lateral (select x.* {promised}) ra on true"
            : $"left join core_remoteartifact ra on ra.pulp_id = (select x.pulp_id {promised})";
        kind.LeftJoined = $"{file} left join core_artifact a on a.pulp_id = ca.artifact_id {remote}";
        kind.Outputs.Add(
            new OutputField(
                "artifact",
                ["a.pulp_id"],
                (json, row, at) =>
                {
                    if (row.IsNull(at))
                    {
                        json.WriteNullValue();
                    }
                    else
                    {
                        row.WriteHref(json, at, "artifacts/");
                    }
                },
                Schemas.Uri("Artifact file representing the physical content")
            )
        );
        // A kind that has such a field shows its own.
        foreach (var digest in Digests.Names.Where(digest => !kind.Outputs.Exists(o => o.Name == digest)))
        {
            kind.Outputs.Add(
                new OutputField(
                    digest,
                    [$"coalesce(a.{digest}, ra.{digest})"],
                    Outputs.Writer(FieldType.Text),
                    Schemas.ReadOnlyText().OrNull()
                )
            );
        }
    }

    /// <summary>The hrefs of the units that stand in a table of references.</summary>
    private static void AddReferred(ResourceKind kind, ReferenceDeclaration reference, KindContext context)
    {
        if (reference is not { Table: { } table, Member: { } member })
        {
            return; // A field's reference is shown as any other.
        }

        var other = context.Registry.For(reference.Other);
        var ids = context.IsPostgres
            ? "json_agg(r.referred_id order by r.referred_id)"
            : "json_group_array(r.referred_id)";
        kind.Outputs.Add(
            new OutputField(
                member,
                [$"(select {ids} from {Sql.Name(table).Text} r where r.content_id = {kind.Key})"],
                (json, row, at) => WriteHrefs(json, row, at, other),
                Schemas.Array(Schemas.Uri()).ReadOnly()
            )
        );
    }

    private static void WriteHrefs(Utf8JsonWriter json, RowReader row, int at, ResourceKind kind)
    {
        using var list = JsonDocument.Parse(row.IsNull(at) ? "[]" : row.Text(at));
        json.WriteStartArray();
        foreach (var id in list.RootElement.EnumerateArray())
        {
            json.WriteStringValue(kind.Href(row.Domain, id.GetString() ?? ""));
        }

        json.WriteEndArray();
    }

    /// <summary>All files of a unit: relative path to artifact.</summary>
    private static void AddArtifacts(ResourceKind kind, bool postgres) =>
        kind.Outputs.Add(
            new OutputField(
                "artifacts",
                [
                    (
                        postgres
                            ? "(select json_object_agg(x.relative_path, x.artifact_id)"
                            : "(select json_group_object(x.relative_path, x.artifact_id)"
                    )
                        + " from core_contentartifact x where x.content_id = "
                        + kind.Key
                        + ")",
                ],
                (json, row, at) => WriteArtifacts(json, row, at),
                Schemas.Object("A dict mapping relative paths inside the Content to the corresponding Artifact URLs.")
            )
        );

    private static void WriteArtifacts(Utf8JsonWriter json, RowReader row, int at)
    {
        using var map = JsonDocument.Parse(row.IsNull(at) ? "{}" : row.Text(at));
        json.WriteStartObject();
        foreach (var file in map.RootElement.EnumerateObject())
        {
            if (file.Value.ValueKind == JsonValueKind.Null)
            {
                json.WriteNull(file.Name);
            }
            else
            {
                json.WriteString(file.Name, $"{row.Domain.Root}artifacts/{file.Value.GetString()}/");
            }
        }

        json.WriteEndObject();
    }

    private static void AddFilters(ResourceKind kind)
    {
        VersionFilters.AddTo(kind);
        kind.Add(
            Filters.OrphanedFor($"not exists (select 1 from core_repositorycontent rc where rc.content_id = m.pulp_id)")
        );
    }
}
