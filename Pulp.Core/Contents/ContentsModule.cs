using Pulp.Core.Platform.Modules;

namespace Pulp.Core.Contents;

/// <summary>Content units: found, made from files, and saved.</summary>
internal sealed class ContentsModule : Module
{
    public override void Configure(ModuleBuilder module)
    {
        module.Services.AddSingleton<ContentCreation>().AddSingleton<ContentUploadApi>();
        module.Kind(ContentKinds.Family.Generic());
    }
}
