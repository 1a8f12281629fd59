using Pulp.Core.Platform.Modules;

namespace Pulp.Core.Artifacts;

/// <summary>Artifacts: the files that content is made of.</summary>
internal sealed class ArtifactsModule : Module
{
    public override void Configure(ModuleBuilder module)
    {
        module.Services.AddSingleton<ArtifactStore>().AddSingleton<ArtifactApi>();
        module.Kind(ArtifactApi.Kind());
    }
}
