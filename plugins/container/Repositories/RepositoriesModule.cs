using Pulp.PluginSdk.Models;
using Pulp.PluginSdk.Plugin;
using PulpContainer.Images;

namespace PulpContainer.Repositories;

/// <summary>Both kinds of repositories, and what can be done with them.</summary>
internal static class RepositoriesModule
{
    public static void AddRepositories(this IPluginBuilder plugin)
    {
        plugin
            .Repository<ContainerRepository>("container")
            .Holding()
            .Without(Operations.Modify)
            .Permissions(
                "container.modify_content_containerrepository",
                "container.build_image_containerrepository",
                "container.delete_containerrepository_versions"
            )
            .Access(ContainerRights.Repositories)
            .VersionAccess(ContainerRights.Versions);
        plugin
            .Repository<ContainerPushRepository>("container-push")
            .Holding()
            .Without(Operations.Create | Operations.Delete | Operations.Modify)
            .Field(nameof(Repository.Remote), new FieldChange { Hidden = true })
            .Permissions("container.modify_content_containerpushrepository")
            .Access(ContainerRights.PushRepositories)
            .VersionAccess(ContainerRights.PushVersions);
    }

    private static IRepositoryKind<T> Holding<T>(this IRepositoryKind<T> repository)
        where T : Repository => repository.Holds<Blob>().Holds<Manifest>().Holds<Tag>().Holds<ManifestSignature>();
}
