using System.Text.Json;
using Pulp.Core.Platform.OpenApi;
using Pulp.Core.Platform.Resources;

namespace Pulp.Core.Repositories;

/// <summary>Repository versions as a kind of resource: one for all, listed below each repository and all together.</summary>
internal static class VersionKinds
{
    public static ResourceKind Kind() =>
        new("core", "repositoryversion", typeof(RepositoryVersionRecord), "core_repositoryversion", detailTable: null)
        {
            Path = "repository_versions/",
            OperationStem = "repository_versions",
            Tag = "Repository_Versions",
            ModelName = "RepositoryVersion",
            Visible = $"m.complete and not r.user_hidden",
            DomainColumn = "r.pulp_domain_id",
            Joined = $"join core_repository r on r.pulp_id = m.repository_id",
            Verbs = Verbs.List,
            Scope = (_, scope) => scope.Seen(scope.For(typeof(Repository)), Sql.Name("m.repository_id")),
            Members = (kind, context) => AddMembers(kind, context.Registry, context.IsPostgres),
        };

    private static void AddMembers(ResourceKind kind, ResourceRegistry registry, bool postgres)
    {
        kind.Filters.Remove("pulp_id__in");
        kind.Outputs.RemoveAll(o => o.Name is "pulp_href");
        kind.Outputs.Insert(
            0,
            new OutputField(
                "pulp_href",
                ["m.repository_id", "r.pulp_type", "m.number"],
                (json, row, at) => json.WriteStringValue(Href(registry, row, at)),
                Schemas.ReadOnlyUri()
            )
        );
        kind.Outputs.Add(
            ReferenceOutputs.Of("repository", "m.repository_id", typeof(Repository), registry, Schemas.ReadOnlyUri())
        );
        kind.Outputs.Add(
            ReferenceOutputs.OfVersion("base_version", "m.base_version_id", registry, Schemas.Uri().OrNull())
        );
        kind.Outputs.Add(
            new OutputField(
                "content_summary",
                ["m.repository_id", "r.pulp_type", "m.number", SummaryOf(postgres)],
                (json, row, at) => WriteSummary(json, row, at, registry),
                Schemas.Ref("ContentSummaryResponse")
            )
        );
        kind.Outputs.Add(
            new OutputField(
                "vuln_report",
                ["m.pulp_id"],
                (json, row, at) =>
                    row.WriteName(
                        json,
                        at,
                        row.Domain.Root,
                        "vuln_report/?repo_versions=prn:core.repositoryversion:",
                        ""
                    ),
                Schemas.ReadOnlyText()
            )
        );
        FieldFilters.Add(kind, "pulp_created", "m.pulp_created", FieldType.Timestamp, Lookups.Date);
        AddContentFilters(kind);
        ReplaceHrefFilter(kind);
    }

    private static string Href(ResourceRegistry registry, RowReader row, int at) =>
        $"{registry.ForType("core_repository", row.Text(at + 1)).Href(row.Domain, row.Id(at))}versions/{row.Integer(at + 2)}/";

    private static string SummaryOf(bool postgres) =>
        postgres
            ? "(select json_agg(json_build_array(s.content_type, s.added, s.removed, s.present)) from core_versionsummary s where s.version_id = m.pulp_id)"
            : "(select json_group_array(json_array(s.content_type, s.added, s.removed, s.present)) from core_versionsummary s where s.version_id = m.pulp_id)";

    private static void WriteSummary(Utf8JsonWriter json, RowReader row, int at, ResourceRegistry registry)
    {
        var href = Href(registry, row, at);
        using var lines = JsonDocument.Parse(row.IsNull(at + 3) ? "[]" : row.Text(at + 3));
        json.WriteStartObject();
        Write("added", 1, "repository_version_added");
        Write("removed", 2, "repository_version_removed");
        Write("present", 3, "repository_version");
        json.WriteEndObject();

        void Write(string name, int column, string filter)
        {
            json.WriteStartObject(name);
            foreach (var line in lines.RootElement.EnumerateArray().Where(l => l[column].GetInt64() > 0))
            {
                var type = line[0].GetString() ?? "";
                json.WriteStartObject(type);
                json.WriteNumber("count", line[column].GetInt64());
                if (registry.TryType("core_content", type, out var content))
                {
                    json.WriteString("href", $"{row.Domain.Root}{content.Path}?{filter}={href}");
                }

                json.WriteEndObject();
            }

            json.WriteEndObject();
        }
    }

    private static void AddContentFilters(ResourceKind kind)
    {
        kind.Add(Filters.ByReference("content", typeof(Content), id => Holds([id])));
        kind.Add(Filters.ByReferences("content__in", typeof(Content), Holds));
    }

    private static SqlText Holds(IReadOnlyList<Guid> content) =>
        $"""
            exists (select 1 from core_repositorycontent rc
                     where rc.repository_id = m.repository_id and rc.content_id in {content}
                       and +rc.version_added <= m.number and (rc.version_removed is null or rc.version_removed > m.number))
            """;

    /// <summary>A version's href ends with its number, not with its id.</summary>
    private static void ReplaceHrefFilter(ResourceKind kind) =>
        kind.Add(Filters.ByReferences("pulp_href__in", typeof(RepositoryVersionRef), ids => $"m.pulp_id in {ids}"));
}
