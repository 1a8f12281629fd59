using Pulp.Core.Platform.Modules;

namespace Pulp.Core.AlternateSources;

/// <summary>Alternate content sources.</summary>
internal sealed class AlternateSourcesModule : Module
{
    public override void Configure(ModuleBuilder module) => module.Services.AddSingleton<AlternateSourceApi>();
}
