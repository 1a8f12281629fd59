using Microsoft.Extensions.DependencyInjection;
using Pulp.PluginSdk.Actions;
using Pulp.PluginSdk.Plugin;
using PulpPython.Packages;
using PulpPython.Vulnerabilities;

namespace PulpPython.Repositories;

/// <summary>Repositories, what they don't take, and their publications.</summary>
internal static class RepositoriesModule
{
    public static IRepositoryKind<PythonRepository> AddRepositories(this IPluginBuilder plugin)
    {
        plugin
            .Resource<PythonBlocklistEntry>("blocklistentry", "blocklist_entries")
            .Below<PythonRepository>(nameof(PythonBlocklistEntry.Repository))
            .Without(Operations.Update)
            .Access(PythonRights.Blocklist)
            .Validate(BlocklistRules.CheckAsync);
        plugin
            .Publication<PythonPublication>("python", "pypi")
            .WrittenBy<PackagePublisher>("pulp_python.app.tasks.publish.publish")
            .Access(PythonRights.Publications)
            .UsualRoles();
        plugin.Services.AddScoped<UpstreamCorrections>();
        plugin.Task<RepairTask>();
        plugin.Task<YankTask>();
        return plugin
            .Repository<PythonRepository>("python")
            .Holds<PythonPackageContent>()
            .Holds<PackageProvenance>()
            .Holds<PackageYank>()
            .BeforeVersion(VersionRules.CompleteAsync)
            .Action<NoBody>("repair_metadata", "python.modify_pythonrepository", RepairAction.RunAsync)
            .Action<YankRelease>("yank", "python.modify_pythonrepository", YankActions.YankAsync)
            .Action<UnyankRelease>("unyank", "python.modify_pythonrepository", YankActions.UnyankAsync)
            .Autopublishes(repository => repository.Autopublish ? new PythonPublication() : null)
            .WritingNeeds(PythonRights.SeesRemote)
            .Access(PythonRights.Repositories)
            .UsualRoles("change", "modify", "sync", "repair")
            .VersionAction<NoBody>("scan", "python.view_pythonrepository", ScanAction.RunAsync)
            .VersionAccess(PythonRights.Versions);
    }
}
