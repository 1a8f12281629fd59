using Pulp.Core.Platform.Modules;

namespace Pulp.Core.Units;

/// <summary>Content units as they are stored: found, saved with their files, read, and what they refer to.</summary>
internal sealed class UnitsModule : Module
{
    public override void Configure(ModuleBuilder module) =>
        module
            .Services.AddSingleton<UnitReferences>()
            .AddSingleton<UnitReader>()
            .AddSingleton<UnitFiles>()
            .AddSingleton<StagedArtifacts>()
            .AddSingleton<ContentSaver>();
}
