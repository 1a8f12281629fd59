using Pulp.PluginSdk.Data;
using PulpContainer.Names;

namespace PulpContainer.Distributions;

/// <summary>The namespace of a distribution follows from its base path, and is made where it isn't there.</summary>
internal static class Namespaces
{
    public static async Task OfDistributionAsync(
        ContainerDistribution distribution,
        IDb db,
        CancellationToken cancellationToken
    )
    {
        var made = await MadeAsync(distribution.PulpId, distribution.BasePath, db, cancellationToken);
        var cache = Caches.Above(distribution);
        await db.ExecuteAsync(
            $"""
            update container_containerdistribution
               set namespace_id = ({made}),
                   pull_through_id = (select p.pulp_id {cache}), remote_id = (select p.remote_id {cache})
             where pulp_id = {distribution.PulpId}
            """,
            cancellationToken
        );
    }

    public static async Task OfPullThroughAsync(
        ContainerPullThroughDistribution distribution,
        IDb db,
        CancellationToken cancellationToken
    )
    {
        var made = await MadeAsync(distribution.PulpId, distribution.BasePath, db, cancellationToken);
        await db.ExecuteAsync(
            $"""
            update container_containerpullthroughdistribution set namespace_id = ({made})
             where pulp_id = {distribution.PulpId}
            """,
            cancellationToken
        );
    }

    /// <summary>Makes the namespace where it isn't there, and answers the select that finds it.</summary>
    private static async Task<SqlText> MadeAsync(
        Guid distribution,
        string basePath,
        IDb db,
        CancellationToken cancellationToken
    )
    {
        var name = ImageName.NamespaceOf(basePath);
        await db.ExecuteAsync(
            $"""
            insert into container_containernamespace
                   (pulp_id, pulp_created, pulp_last_updated, pulp_domain_id, name, pulp_labels)
            select {Guid.CreateVersion7()}, m.pulp_last_updated, m.pulp_last_updated, m.pulp_domain_id, {name},
                   {new JsonText("{}")}
              from core_distribution m where m.pulp_id = {distribution}
            on conflict (name, pulp_domain_id) do nothing
            """,
            cancellationToken
        );
        return $"""
            select n.pulp_id from container_containernamespace n
              join core_distribution m on m.pulp_domain_id = n.pulp_domain_id
             where n.name = {name} and m.pulp_id = {distribution}
            """;
    }
}
