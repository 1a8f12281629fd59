using Pulp.PluginSdk.Plugin;
using PulpPython.Repositories;

namespace PulpPython.Sync;

/// <summary>Repositories sync from indexes.</summary>
internal static class SyncModule
{
    public static IRepositoryKind<PythonRepository> AddSync(this IRepositoryKind<PythonRepository> repositories) =>
        repositories.SyncsWith<PythonSync>("pulp_python.app.tasks.sync.sync");
}
