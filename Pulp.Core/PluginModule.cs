using Microsoft.Extensions.DependencyInjection.Extensions;
using Pulp.Core.AlternateSources;
using Pulp.Core.Contents;
using Pulp.Core.Distributions;
using Pulp.Core.Guards;
using Pulp.Core.Platform.Modules;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Plugins;
using Pulp.Core.Publications;
using Pulp.Core.Remotes;
using Pulp.Core.Repositories;
using Pulp.Core.Sync;

namespace Pulp.Core;

/// <summary>A plugin as one more module: its declarations become kinds of the features' families.</summary>
internal sealed class PluginModule(PluginDeclarations plugin) : Module
{
    public override void Configure(ModuleBuilder module)
    {
        var kinds = new List<ResourceKind>();
        plugin.Contents.ForEach(d => kinds.Add(ContentKinds.Family.Kind(d)));
        plugin.Remotes.ForEach(d => kinds.Add(RemoteKinds.Family.Kind(d)));
        plugin.Repositories.ForEach(d => kinds.Add(RepositoryKinds.Family.Kind(d)));
        plugin.Publications.ForEach(d => kinds.Add(PublicationKinds.Family.Kind(d)));
        plugin.Distributions.ForEach(d => kinds.Add(DistributionKinds.Family.Kind(d)));
        plugin.ContentGuards.ForEach(d => kinds.Add(GuardKinds.Family.Kind(d)));
        plugin.AlternateSources.ForEach(d => kinds.Add(AlternateSourceKinds.Family.Kind(d)));
        plugin.OwnKinds.ForEach(d => kinds.Add(OwnKinds.Kind(d, kinds)));
        kinds.ForEach(kind => module.Kind(kind));
        plugin.Tasks.ForEach(task => module.Task(task, name: null));
        plugin.Routes.ForEach(routes => module.Routes(routes.ToMounted(plugin.Identity.AppLabel)));
        AddTasks(module, typeof(SyncTask), plugin.Repositories.Select(r => r.SyncTask));
        AddTasks(module, typeof(PublishTask), plugin.Publications.Select(p => p.Task));
    }

    private static void AddTasks(ModuleBuilder module, Type task, IEnumerable<string?> names)
    {
        foreach (var name in names.OfType<string>().Distinct(StringComparer.Ordinal))
        {
            module.Task(task, name);
        }
    }
}
