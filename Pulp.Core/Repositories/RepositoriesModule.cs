using Pulp.Core.Platform.Modules;
using Pulp.Core.Tasks;
using Pulp.PluginSdk.Repositories;

namespace Pulp.Core.Repositories;

/// <summary>Repositories and their versions.</summary>
internal sealed class RepositoriesModule : Module
{
    public override void Configure(ModuleBuilder module)
    {
        module
            .Services.AddSingleton<VersionRetention>()
            .AddSingleton<RepositoryKeys>()
            .AddSingleton<RepositoryTypes>()
            .AddSingleton<VersionDrafts>()
            .AddSingleton<VersionPreparation>()
            .AddSingleton<VersionCompletion>()
            .AddSingleton<VersionChanges>()
            .AddScoped<IRepositoryVersions, PluginVersions>()
            .AddSingleton<VersionServices>()
            .AddSingleton<Versions>()
            .AddSingleton<ITaskLeftovers>(provider => provider.GetRequiredService<Versions>())
            .AddSingleton<RepositoryApi>()
            .AddSingleton<VersionApi>();
        module
            .Kind(RepositoryKinds.Family.Generic())
            .Kind(VersionKinds.Kind())
            .Task<AddAndRemove>()
            .Task<RepairVersion>()
            .Task<DeleteVersion>();
    }
}
