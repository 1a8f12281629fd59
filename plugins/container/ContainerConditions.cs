using Pulp.PluginSdk.Access;
using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Plugin;
using PulpContainer.Distributions;
using PulpContainer.Names;

namespace PulpContainer;

/// <summary>The conditions of pulp_container's access policies, which look at namespaces and distributions.</summary>
internal static class ContainerConditions
{
    public static void AddConditions(this IPluginBuilder plugin)
    {
        plugin.Condition("has_namespace_obj_perms", (asked, token) => OnNamespaceAsync(asked, asked.Argument, token));
        plugin.Condition("has_namespace_or_obj_perms", OnNamespaceOrDistributionAsync);
        plugin.Condition("has_namespace_perms", InNamedNamespaceAsync, readsRequest: true);
        plugin.Condition("has_distribution_perms", OnItsDistributionAsync);
        plugin.Condition(
            "namespace_is_username",
            (asked, _) => ValueTask.FromResult(asked.Caller is { } caller && NamespaceIn(asked) == caller.Username),
            readsRequest: true
        );
        plugin.Condition("is_private", IsPrivateAsync);
        plugin.Condition("obj_exists", (asked, _) => ValueTask.FromResult(asked.Resource is not null));
    }

    /// <summary>Distributions that are public, that may be viewed, or that are in a namespace that may be.</summary>
    public static SqlText SeenDistributions(ISeenResources seen) =>
        $"""
            (d.private = {false} or {seen.Holds<ContainerDistribution>(
                "container.view_containerdistribution",
                "m.pulp_id"
            )}
             or {seen.Holds<ContainerNamespace>("container.view_containernamespace", "d.namespace_id")})
            """;

    /// <summary>Repositories that are pushed to are seen with a distribution of theirs.</summary>
    public static SqlText SeenPushRepositories(ISeenResources seen) =>
        $"""
            m.pulp_id in (select x.repository_id
                            from container_containerdistribution y join core_distribution x on x.pulp_id = y.pulp_id
                           where x.repository_id is not null
                             and (y.private = {false}
                                  or {seen.Holds<ContainerDistribution>(
                "container.view_containerdistribution",
                "x.pulp_id"
            )}
                                  or {seen.Holds<ContainerNamespace>(
                "container.view_containernamespace",
                "y.namespace_id"
            )}))
            """;

    /// <summary>A permission everywhere, or on a namespace of the resource's distributions.</summary>
    private static async ValueTask<bool> OnNamespaceAsync(
        AccessQuestion asked,
        string permission,
        CancellationToken cancellationToken
    )
    {
        if (await asked.HoldsAsync(permission, cancellationToken))
        {
            return true;
        }

        foreach (var distribution in await DistributionsAsync(asked, cancellationToken))
        {
            if (
                distribution.NamespaceId is { } id
                && await asked.HoldsOnAsync<ContainerNamespace>(permission, id, cancellationToken)
            )
            {
                return true;
            }
        }

        return false;
    }

    private static async ValueTask<bool> OnNamespaceOrDistributionAsync(
        AccessQuestion asked,
        CancellationToken cancellationToken
    ) =>
        await OnNamespaceAsync(asked, OfNamespace(asked.Argument), cancellationToken)
        || await asked.HoldsAsync(asked.Argument, cancellationToken)
        || (asked.Resource is { } id && await OnDistributionAsync(asked, id, cancellationToken));

    private static async ValueTask<bool> OnDistributionAsync(
        AccessQuestion asked,
        Guid id,
        CancellationToken cancellationToken
    ) =>
        await asked.HoldsOnAsync<ContainerDistribution>(asked.Argument, id, cancellationToken)
        || await asked.HoldsOnAsync<ContainerPullThroughDistribution>(asked.Argument, id, cancellationToken);

    /// <summary>The namespace of the base path that was sent; one that isn't there yet nobody has rights in.</summary>
    private static async ValueTask<bool> InNamedNamespaceAsync(
        AccessQuestion asked,
        CancellationToken cancellationToken
    )
    {
        var name = NamespaceIn(asked);
        var id = await asked.Db.FirstOrDefaultAsync<Guid?>(
            $"select pulp_id from container_containernamespace where name = {name} and pulp_domain_id = {asked.Domain}",
            cancellationToken
        );
        return id is { } space
            && (
                await asked.HoldsAsync(asked.Argument, cancellationToken)
                || await asked.HoldsOnAsync<ContainerNamespace>(OfNamespace(asked.Argument), space, cancellationToken)
            );
    }

    private static async ValueTask<bool> OnItsDistributionAsync(
        AccessQuestion asked,
        CancellationToken cancellationToken
    )
    {
        if (await asked.HoldsAsync(asked.Argument, cancellationToken))
        {
            return true;
        }

        foreach (var distribution in await DistributionsAsync(asked, cancellationToken))
        {
            if (await OnDistributionAsync(asked, distribution.PulpId, cancellationToken))
            {
                return true;
            }
        }

        return false;
    }

    private static async ValueTask<bool> IsPrivateAsync(AccessQuestion asked, CancellationToken cancellationToken) =>
        asked.AtHand<ContainerDistribution>() is { } known
            ? known.Private
            : asked.Resource is { } id
                && await asked.Db.FirstOrDefaultAsync<long>(
                    $"select 1 from container_containerdistribution where pulp_id = {id} and private = {true}",
                    cancellationToken
                ) == 1;

    /// <summary>The resource itself where it is a distribution; otherwise the distributions of the repository.</summary>
    private static async Task<IReadOnlyList<DistributionRow>> DistributionsAsync(
        AccessQuestion asked,
        CancellationToken cancellationToken
    ) =>
        asked.Resource is not { } id
            ? []
            : await asked.Db.QueryAsync<DistributionRow>(
                $"""
                select m.pulp_id, d.namespace_id from core_distribution m
                  join container_containerdistribution d on d.pulp_id = m.pulp_id
                 where m.pulp_id = {id} or m.repository_id = {id}
                 union all
                select d.pulp_id, d.namespace_id from container_containerpullthroughdistribution d where d.pulp_id = {id}
                """,
                cancellationToken
            );

    /// <summary>The first part of the base path that was sent, or the name of the namespace itself.</summary>
    private static string NamespaceIn(AccessQuestion asked) =>
        asked.Member("base_path") is { } path ? ImageName.NamespaceOf(path) : asked.Member("name") ?? "";

    /// <summary><c>container.pull_containerdistribution</c> to <c>container.namespace_pull_containerdistribution</c>.</summary>
    private static string OfNamespace(string permission) =>
        permission.Replace("container.", "container.namespace_", StringComparison.Ordinal);

    private sealed record DistributionRow
    {
        public Guid PulpId { get; init; }

        public Guid? NamespaceId { get; init; }
    }
}
