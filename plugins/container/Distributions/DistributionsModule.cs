using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Models;
using Pulp.PluginSdk.Plugin;
using PulpContainer.Names;

namespace PulpContainer.Distributions;

/// <summary>Distributions and their namespaces: kinds and rules.</summary>
internal static class DistributionsModule
{
    public static void AddDistributions(this IPluginBuilder plugin)
    {
        plugin
            .Distribution<ContainerDistribution>("container")
            .AnsweredBy<NoFiles>()
            .BaseUrl(
                (distribution, server) => RegistryPath(server.Host, server.DomainPath + distribution.BasePath),
                "registry_path"
            )
            .Filter<string>("namespace__name", InNamespace)
            .Permissions("container.pull_containerdistribution", "container.push_containerdistribution")
            .Access(ContainerRights.Distributions)
            .Scope(ContainerConditions.SeenDistributions)
            .Validate(CheckAsync)
            .AlsoSave((distribution, db, token) => Namespaces.OfDistributionAsync(distribution, db, token));
        plugin
            .Distribution<ContainerPullThroughDistribution>("pull-through")
            .AnsweredBy<NoFiles>()
            .Above<ContainerDistribution>()
            .Shows<IReadOnlyList<Guid>>(
                "distributions",
                $"select x.pulp_id as value from container_containerdistribution x where x.pull_through_id = m.pulp_id order by x.pulp_id",
                "Those that were made for what somebody pulled.",
                references: typeof(Distribution)
            )
            // Their base paths say which they are.
            .TakesBack("distributions")
            .Filter<string>("namespace__name", InNamespace)
            .Permissions("container.pull_new_containerdistribution")
            .Access(ContainerRights.PullThroughDistributions)
            .Validate(CheckAsync)
            .AlsoSave((distribution, db, token) => Namespaces.OfPullThroughAsync(distribution, db, token));
        plugin
            .Resource<ContainerNamespace>("namespace", "pulp_container/namespaces")
            .Without(Operations.Update)
            .DeletedByTasks()
            .Permissions(ContainerRights.NamespacePermissions)
            .Access(ContainerRights.Namespaces)
            .Validate(
                (named, context, _) =>
                {
                    if (!ImageName.IsName(named.Name) || named.Name.Contains('/', StringComparison.Ordinal))
                    {
                        context.Errors.Add("name", "This is not the first part of an image's name.");
                    }

                    return Task.CompletedTask;
                }
            );
    }

    private static string RegistryPath(string host, string path) => host.Length == 0 ? path : $"{host}/{path}";

    private static SqlText InNamespace(string name) =>
        $"exists (select 1 from container_containernamespace x where x.pulp_id = d.namespace_id and x.name = {name})";

    private static async Task CheckAsync<T>(
        T distribution,
        ValidationContext<T> context,
        CancellationToken cancellationToken
    )
        where T : Distribution
    {
        if (!ImageName.IsName(distribution.BasePath))
        {
            context.Errors.Add(
                "base_path",
                "Images have names of small letters and digits, in parts with a slash between, such as library/busybox."
            );
        }

        var type = await context.Db.FirstOrDefaultAsync<string>(
            $"""
            select r.pulp_type from core_repository r
              left join core_repositoryversion v on v.repository_id = r.pulp_id and v.pulp_id = {distribution.RepositoryVersion}
             where r.pulp_id = {distribution.Repository} or v.pulp_id is not null limit 1
            """,
            cancellationToken
        );
        if (type is not (null or "container.container" or "container.container-push"))
        {
            context.Errors.Add(
                distribution.Repository is null ? "repository_version" : "repository",
                "This repository doesn't hold images."
            );
        }
    }
}
