using Pulp.Core.Platform.OpenApi;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Plugins;
using Pulp.PluginSdk.Serving;
using Pulp.PluginSdk.Tasks;

namespace Pulp.Core.Distributions;

/// <summary>Serves artifacts by their digests to those that a content redirect sends there; made by the server, not by users.</summary>
internal sealed record ArtifactDistribution : Distribution;

/// <summary>The kinds of distributions: members, filters, rules and their generic list.</summary>
internal static class DistributionKinds
{
    public static ResourceFamily<DistributionDeclaration> Family { get; } =
        new("distributions", typeof(Distribution))
        {
            Verbs = Verbs.Changeable | Verbs.CreateTask | Verbs.Labels | Verbs.Roles,
            Members = (kind, declaration, context) =>
                AddMembers(kind, context, declaration?.BaseUrl, declaration?.BaseUrlMember),
            Behavior = (declaration, services) =>
                Behavior(
                    declaration.ServesPublications,
                    BasePathRules.Of(declaration, services.GetRequiredService<PluginCatalog>())
                ),
        };

    public static ResourceKind Artifacts() =>
        new("core", "artifact", typeof(ArtifactDistribution), "core_distribution", detailTable: null)
        {
            Path = "distributions/core/artifacts/",
            OperationStem = "distributions_core_artifacts",
            Tag = "Distributions: Artifacts",
            DomainColumn = "m.pulp_domain_id",
            Visible = $"m.pulp_type = 'core.artifact'",
            IsForAdministrators = true,
            Verbs = Verbs.List | Verbs.Read,
            Members = (kind, context) => AddMembers(kind, context, ownUrl: null),
        };

    private static void AddMembers(
        ResourceKind kind,
        KindContext context,
        Func<Distribution, ServerAddress, string>? ownUrl,
        string? urlMember = null
    )
    {
        var registry = context.Registry;
        kind.Outputs.Insert(5, BaseUrls.Member(kind, context, ownUrl, urlMember ?? "base_url"));
        kind.Outputs.Add(
            new OutputField(
                "content_guard_prn",
                [
                    "m.content_guard_id",
                    "(select x.pulp_type from core_contentguard x where x.pulp_id = m.content_guard_id)",
                ],
                (json, row, at) =>
                {
                    if (
                        row.IsNull(at)
                        || row.IsNull(at + 1)
                        || !registry.TryType("core_contentguard", row.Text(at + 1), out var guard)
                    )
                    {
                        json.WriteNullValue();
                    }
                    else
                    {
                        json.WriteStringValue(guard.Prn(row.Id(at)));
                    }
                },
                Schemas.ReadOnlyText().OrNull()
            )
        );
        kind.Outputs.Add(
            new OutputField(
                "no_content_change_since",
                [NoChangeSince],
                Outputs.Writer(FieldType.Timestamp),
                Schemas.ReadOnlyText().OrNull()
            )
        );
        FieldFilters.Add(kind, "checkpoint", "m.checkpoint", FieldType.Boolean, Lookups.Exact);
        kind.Orderings["checkpoint"] = "m.checkpoint";
        AddWithContent(kind);
    }

    /// <summary>The later of the served state's birth and the distribution's last change.</summary>
    private const string NoChangeSince = """
        (select case when max(x.moment) > m.pulp_last_updated then max(x.moment) else m.pulp_last_updated end
           from (select p.pulp_created as moment from core_publication p where p.pulp_id = m.publication_id
                 union all
                 select v.pulp_created from core_repositoryversion v where v.pulp_id = m.repository_version_id
                 union all
                 select max(v.pulp_created) from core_repositoryversion v
                  where v.repository_id = m.repository_id and v.complete having count(*) > 0) x
         having count(*) > 0)
        """;

    private static void AddWithContent(ResourceKind kind) =>
        kind.Add(
            Filters.ByReference(
                "with_content",
                typeof(Content),
                id =>
                    $"""
                        exists (select 1 from core_repositoryversion v
                                  join core_repositorycontent rc on rc.repository_id = v.repository_id
                                 where rc.content_id = {id} and +rc.version_added <= v.number
                                   and (rc.version_removed is null or rc.version_removed > v.number)
                                   and v.pulp_id = coalesce(
                                       m.repository_version_id,
                                       (select p.repository_version_id from core_publication p where p.pulp_id = m.publication_id),
                                       (select l.pulp_id from core_repositoryversion l
                                         where l.repository_id = m.repository_id and l.complete
                                         order by l.number desc limit 1)))
                        """
            )
        );

    private static KindBehavior Behavior(bool publishes, BasePathRules paths) =>
        new()
        {
            AffectsServing = true,
            // A guard may be new, too.
            CreationServes = (_, input) =>
                input.Value<Guid?>(nameof(Distribution.ContentGuard)) is null
                    ? input.Value<Guid?>(nameof(Distribution.Repository))
                    : null,
            Reserve = Reserve,
            Validate = async (input, cancellationToken) =>
            {
                CheckSources(input, publishes);
                await BasePath.CheckAsync(input, paths, cancellationToken);
            },
        };

    /// <summary>Base paths may not overlap across all kinds: changes to distributions are one at a time.</summary>
    private static DispatchOptions Reserve(ResourceKind kind, ResourceKey? key, Reach reach)
    {
        var options = new DispatchOptions { Immediate = true }.Exclusive(DomainResource.Prn(reach, "distributions"));
        return key is { } known ? options.Exclusive(kind.Prn(known)) : options;
    }

    private static void CheckSources(ChangeInput input, bool publishes)
    {
        var names = new[] { "repository", "repository_version", "publication" };
        var set = names.Where(n => input.Kind.Field(n) is { } field && input.Merged[field] is Guid).ToList();
        if (set.Count > 1)
        {
            input.Errors.Add(
                publishes
                    ? "Only one of the attributes 'repository', 'repository_version' and 'publication' may be used simultaneously."
                    : "The attributes 'repository' and 'repository_version' must be used exclusively."
            );
        }

        if (
            input.Kind.Field("checkpoint") is { } checkpoint
            && input.Merged[checkpoint] is true
            && !set.SequenceEqual(["repository"])
        )
        {
            input.Errors.Add("The 'checkpoint' attribute may only be used with the 'repository' attribute.");
        }
    }
}
