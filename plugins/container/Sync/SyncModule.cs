using Pulp.PluginSdk.Plugin;
using PulpContainer.Repositories;

namespace PulpContainer.Sync;

/// <summary>Repositories sync from other registries.</summary>
internal static class SyncModule
{
    public static IRepositoryKind<ContainerRepository> AddSync(
        this IRepositoryKind<ContainerRepository> repositories
    ) => repositories.SyncsWith<ContainerSync>("pulp_container.app.tasks.synchronize.synchronize");
}
