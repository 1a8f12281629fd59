using Pulp.Core.Platform.OpenApi;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Plugins;

namespace Pulp.Core.Repositories;

/// <summary>The kinds of repositories: members, filters and their generic list.</summary>
internal static class RepositoryKinds
{
    public static ResourceFamily<RepositoryDeclaration> Family { get; } =
        new("repositories", typeof(Repository))
        {
            Visible = $"not m.user_hidden",
            Verbs = Verbs.Changeable | Verbs.Create | Verbs.Labels | Verbs.Roles,
            Members = (kind, _, context) => AddMembers(kind, context.Registry),
            Behavior = (_, services) => Behavior(services.GetRequiredService<Versions>()),
            Operations = (kind, declaration, services) =>
            {
                services.GetRequiredService<RepositoryApi>().Map(kind, declaration);
                services.GetRequiredService<VersionApi>().Map(kind);
            },
        };

    private static KindBehavior Behavior(Versions versions) =>
        new()
        {
            AffectsServing = true,
            // Nothing serves it yet.
            CreationServes = (key, _) => key.Id,
            AfterWrite = async (tx, key, input, cancellationToken) =>
            {
                if (input.Key is null)
                {
                    await versions.CreateFirstAsync(tx, key.Id, cancellationToken);
                }
                else
                {
                    await new VersionRetention().ApplyAsync(tx, key.Id, cancellationToken);
                }
            },
        };

    private static void AddMembers(ResourceKind kind, ResourceRegistry registry)
    {
        string Base(RowReader row, int at) =>
            (kind.IsGeneric ? registry.ForType("core_repository", row.Text(at + 1)) : kind).Href(
                row.Domain,
                row.Id(at)
            );
        kind.Outputs.Insert(
            4,
            new OutputField(
                "versions_href",
                ["m.pulp_id", "m.pulp_type"],
                (json, row, at) => json.WriteStringValue($"{Base(row, at)}versions/"),
                Schemas.ReadOnlyUri()
            )
        );
        kind.Outputs.Insert(
            5,
            new OutputField(
                "latest_version_href",
                [
                    "m.pulp_id",
                    "m.pulp_type",
                    "(select max(v.number) from core_repositoryversion v where v.repository_id = m.pulp_id and v.complete)",
                ],
                (json, row, at) =>
                {
                    if (row.IsNull(at + 2))
                    {
                        json.WriteNullValue();
                    }
                    else
                    {
                        json.WriteStringValue($"{Base(row, at)}versions/{row.Integer(at + 2)}/");
                    }
                },
                Schemas.ReadOnlyUri()
            )
        );
        AddFilters(kind);
    }

    private static void AddFilters(ResourceKind kind)
    {
        kind.Add(
            Filters.ByReference(
                "with_content",
                typeof(Content),
                id =>
                    $"exists (select 1 from core_repositorycontent rc where rc.repository_id = m.pulp_id and rc.content_id = {id})"
            )
        );
        kind.Add(
            Filters.ByReference(
                "latest_with_content",
                typeof(Content),
                id =>
                    $"""
                        exists (select 1 from core_repositorycontent rc
                                 where rc.repository_id = m.pulp_id and rc.version_removed is null and rc.content_id = {id}
                                   and +rc.version_added <= (select max(v.number) from core_repositoryversion v
                                                              where v.repository_id = m.pulp_id and v.complete))
                        """
            )
        );
    }
}
