using Pulp.Core.Platform.Modules;
using Pulp.Core.Platform.Settings;

namespace Pulp.Core.Serving;

/// <summary>The content application: everything below <c>/pulp/content/</c>.</summary>
internal sealed class ServingModule : Module
{
    public override void Configure(ModuleBuilder module)
    {
        module
            .Services.AddSingleton<ServingStamp>()
            .AddSingleton<DistributionTable>()
            .AddSingleton<DirectoryListings>()
            .AddSingleton<PathLookup>()
            .AddSingleton<RememberedAnswers>()
            .AddSingleton<ReadAhead>()
            .AddSingleton<SmallFiles>()
            .AddSingleton<AnswerFinder>()
            .AddSingleton<OnDemandResponse>()
            .AddSingleton<LostFiles>()
            .AddSingleton<ContentFailures>()
            .AddSingleton<RefusedSources>()
            .AddSingleton<FileResponse>()
            .AddSingleton<OnDemandFiles>();
        module.Background<ServingWatch>(Roles.Content);
    }
}
