using Pulp.Core.Platform.Modules;
using Pulp.PluginSdk.Files;

namespace Pulp.Core.Artifacts;

/// <summary>Artifacts: the files that content is made of.</summary>
internal sealed class ArtifactsModule : Module
{
    public override void Configure(ModuleBuilder module)
    {
        module
            .Services.AddSingleton<ArtifactStore>()
            .AddSingleton<ReturnedFiles>()
            .AddScoped<IArtifacts, PluginArtifacts>()
            .AddSingleton<ArtifactApi>();
        module.Kind(ArtifactApi.Kind());
    }
}
