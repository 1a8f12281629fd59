using Pulp.PluginSdk.Data;

namespace PulpContainer.Distributions;

/// <summary>A distribution below the base path of a pull-through distribution belongs to that cache.</summary>
internal static class Caches
{
    /// <summary>From where the cache of a distribution that is stored is selected, as <c>p</c>.</summary>
    public static SqlText Above(ContainerDistribution distribution)
    {
        var parts = distribution.BasePath.Split('/');
        var above = Enumerable.Range(1, parts.Length - 1).Select(i => string.Join('/', parts[..i])).ToArray();
        return $"""
            from container_containerpullthroughdistribution p join core_distribution c on c.pulp_id = p.pulp_id
              join core_distribution m on m.pulp_domain_id = c.pulp_domain_id and m.pulp_id = {distribution.PulpId}
             where c.base_path in {above}
            """;
    }
}
