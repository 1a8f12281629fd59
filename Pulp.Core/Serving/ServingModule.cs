using Pulp.Core.Platform.Changes;
using Pulp.Core.Platform.Modules;
using Pulp.Core.Platform.Settings;
using Pulp.PluginSdk.Serving;

namespace Pulp.Core.Serving;

/// <summary>The content application: everything below <c>/pulp/content/</c>.</summary>
internal sealed class ServingModule : Module
{
    public override void Configure(ModuleBuilder module)
    {
        module
            .Services.AddSingleton<ServingChanges>()
            .AddSingleton<ServedStates>()
            .AddSingleton<DistributionTable>()
            .AddSingleton<DirectoryListings>()
            .AddSingleton<PathLookup>()
            .AddSingleton<RememberedAnswers>()
            .AddSingleton<ReadAhead>()
            .AddSingleton<SmallFiles>()
            .AddSingleton<ServedDistributions>()
            .AddSingleton<IServed>(p => p.GetRequiredService<ServedDistributions>())
            .AddSingleton<HandlerAnswers>()
            .AddSingleton<PluginAnswers>()
            .AddSingleton<AnswerFinder>()
            .AddSingleton<AnswerSender>()
            .AddSingleton<Delivery>()
            .AddSingleton<DistributionListing>()
            .AddSingleton<IAnswers, RouteAnswers>()
            .AddSingleton<OnDemandResponse>()
            .AddSingleton<LostFiles>()
            .AddSingleton<ContentFailures>()
            .AddSingleton<RefusedSources>()
            .AddSingleton<FileResponse>()
            .AddSingleton<SharedDownloads>()
            .AddSingleton<PullThrough>()
            .AddSingleton<OnDemandFiles>();
        module.Channel(ServingChanges.Channel).Background<ServingWatch>(ProcessRoles.Content);
    }
}
