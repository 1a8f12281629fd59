using Pulp.Core.Maintenance;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Plugins;
using Pulp.Core.Publications;
using Pulp.Core.Repositories;
using Pulp.Core.Sync;
using Pulp.Core.Uploads;

namespace Pulp.Core.Tasks;

/// <summary>Every task of core and the plugins under its name on the wire.</summary>
internal static class TaskNames
{
    private static readonly Type[] Core =
    [
        typeof(GeneralCreate),
        typeof(GeneralUpdate),
        typeof(GeneralDelete),
        typeof(AddAndRemove),
        typeof(DeleteVersion),
        typeof(CommitUpload),
        typeof(PurgeTasks),
        typeof(OrphanCleanup),
        typeof(ReclaimSpace),
        typeof(RepairVersion),
        typeof(RepairAll),
    ];

    public static TaskRegistry Register(PluginCatalog catalog)
    {
        var registry = new TaskRegistry();
        foreach (var task in Core)
        {
            registry.Add(task);
        }

        foreach (var plugin in catalog.Plugins)
        {
            plugin.Tasks.ForEach(registry.Add);
            foreach (
                var name in plugin
                    .Repositories.Select(r => r.SyncTask)
                    .OfType<string>()
                    .Distinct(StringComparer.Ordinal)
            )
            {
                registry.Add(name, typeof(SyncTask));
            }

            foreach (
                var name in plugin.Publications.Select(p => p.Task).OfType<string>().Distinct(StringComparer.Ordinal)
            )
            {
                registry.Add(name, typeof(PublishTask));
            }
        }

        return registry;
    }
}
