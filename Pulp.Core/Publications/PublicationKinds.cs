using Pulp.Core.Platform.OpenApi;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Plugins;

namespace Pulp.Core.Publications;

/// <summary>The kinds of publications: members, filters and their generic list.</summary>
internal static class PublicationKinds
{
    public static ResourceFamily<PublicationDeclaration> Family { get; } =
        new("publications", typeof(Publication))
        {
            Visible = $"m.complete",
            Verbs = Verbs.List | Verbs.Read | Verbs.Delete | Verbs.Roles,
            Members = (kind, _, context) => AddMembers(kind, context.Registry, context.IsPostgres),
            Behavior = (_, _) => new KindBehavior { AffectsServing = true },
            Operations = (kind, declaration, services) =>
                services.GetRequiredService<PublicationApi>().Map(kind, declaration),
        };

    private static void AddMembers(ResourceKind kind, ResourceRegistry registry, bool postgres)
    {
        kind.ExtraInputs.Add(("repository_version", Schemas.Uri()));
        kind.ExtraInputs.Add(("repository", Schemas.Uri("A URI of the repository to be published.")));
        FieldFilters.Add(kind, "pulp_created", "m.pulp_created", FieldType.Timestamp, Lookups.Date);
        kind.Outputs.Insert(
            4,
            ReferenceOutputs.OfVersion("repository_version", "m.repository_version_id", registry, Schemas.Uri())
        );
        kind.Outputs.Insert(
            5,
            ReferenceOutputs.Of(
                "repository",
                "(select v.repository_id from core_repositoryversion v where v.pulp_id = m.repository_version_id)",
                typeof(Repository),
                registry,
                Schemas.Uri()
            )
        );
        if (!kind.IsGeneric)
        {
            kind.Outputs.Add(Distributions(registry, postgres));
        }

        AddFilters(kind);
    }

    private static OutputField Distributions(ResourceRegistry registry, bool postgres)
    {
        var select = postgres
            ? "(select json_agg(json_build_array(x.pulp_type, x.pulp_id)) from core_distribution x where x.publication_id = m.pulp_id)"
            : "(select json_group_array(json_array(x.pulp_type, x.pulp_id)) from core_distribution x where x.publication_id = m.pulp_id)";
        return new OutputField(
            "distributions",
            [select],
            (json, row, at) =>
            {
                using var list = System.Text.Json.JsonDocument.Parse(row.IsNull(at) ? "[]" : row.Text(at));
                json.WriteStartArray();
                foreach (var one in list.RootElement.EnumerateArray())
                {
                    json.WriteStringValue(
                        registry
                            .ForType("core_distribution", one[0].GetString() ?? "")
                            .Href(row.Domain, one[1].GetGuid())
                    );
                }

                json.WriteEndArray();
            },
            Schemas.Array(Schemas.Uri()).ReadOnly()
        );
    }

    private static void AddFilters(ResourceKind kind)
    {
        kind.Add(
            Filters.ByReference(
                "repository_version",
                typeof(RepositoryVersionRef),
                id => $"m.repository_version_id = {id}"
            )
        );
        kind.Add(
            Filters.ByReference(
                "repository",
                typeof(Repository),
                id =>
                    $"""
                        m.repository_version_id in (select v.pulp_id from core_repositoryversion v where v.repository_id = {id})
                        """
            )
        );
        kind.Add(Filters.ByReference("content", typeof(Content), id => Holds([id])));
        kind.Add(Filters.ByReferences("content__in", typeof(Content), Holds));
    }

    private static SqlText Holds(IReadOnlyList<Guid> content) =>
        $"""
            exists (select 1 from core_repositoryversion v
                      join core_repositorycontent rc on rc.repository_id = v.repository_id
                     where v.pulp_id = m.repository_version_id and rc.content_id in {content}
                       and +rc.version_added <= v.number and (rc.version_removed is null or rc.version_removed > v.number))
            """;
}
