using Pulp.Core.Platform.Modules;
using Pulp.PluginSdk.Contents;

namespace Pulp.Core.Contents;

/// <summary>Content units: found, made from files, and saved.</summary>
internal sealed class ContentsModule : Module
{
    public override void Configure(ModuleBuilder module)
    {
        module
            .Services.AddScoped<IContents, PluginContents>()
            .AddSingleton<ContentCreation>()
            .AddSingleton<ContentUploadReader>()
            .AddSingleton<ContentUploadApi>();
        module.Kind(ContentKinds.Family.Generic());
    }
}
