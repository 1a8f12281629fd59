using Pulp.Core.Platform.Settings;
using Pulp.Core.Platform.Tenancy;

namespace Pulp.Core.Platform.Resources;

/// <summary>What a kind may need to know to complete itself.</summary>
/// <param name="Registry">All kinds.</param>
/// <param name="IsPostgres">Whether the database is PostgreSQL.</param>
/// <param name="Settings">The server's settings.</param>
/// <param name="Secrets">Opens what is stored sealed.</param>
/// <param name="Domains">The domains there are.</param>
/// <param name="Services">For what a single feature's kinds need beside that.</param>
internal sealed record KindContext(
    ResourceRegistry Registry,
    bool IsPostgres,
    PulpSettings Settings,
    SecretBox Secrets,
    DomainDirectory Domains,
    IServiceProvider Services
)
{
    public static KindContext Of(ResourceRegistry registry, IServiceProvider services) =>
        new(
            registry,
            services.GetRequiredService<Database>().IsPostgres,
            services.GetRequiredService<PulpSettings>(),
            services.GetRequiredService<SecretBox>(),
            services.GetRequiredService<DomainDirectory>(),
            services
        );
}

/// <summary>Completes kinds when all of them are known: members, filters and orderings that follow from the fields.</summary>
internal static class KindCompletion
{
    public static void Complete(ResourceKind kind, ResourceRegistry registry)
    {
        Outputs.AddStandard(kind, registry);
        FieldFilters.AddAll(kind);
        StandardFilters.AddAll(kind, registry);
        AddOrderings(kind);
    }

    public static void AddOrderings(ResourceKind kind)
    {
        kind.Orderings["pk"] = kind.Key;
        kind.Orderings[kind.KeyColumn] = kind.Key;
        foreach (
            var field in kind.Fields.Where(f =>
                f.Attribute is { Secret: false, WriteOnly: false, References: null, NotSortable: false }
            )
        )
        {
            kind.Orderings[field.Name] = field.Name == kind.KeyColumn ? kind.Key : kind.Column(field);
        }
    }
}
