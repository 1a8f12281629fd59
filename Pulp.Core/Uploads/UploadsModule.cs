using Pulp.Core.Platform.Modules;

namespace Pulp.Core.Uploads;

/// <summary>Uploads in chunks.</summary>
internal sealed class UploadsModule : Module
{
    public override void Configure(ModuleBuilder module)
    {
        module.Services.AddSingleton<UploadChunks>().AddSingleton<UploadApi>();
        module.Kind(UploadKinds.Kind()).Task<CommitUpload>();
    }
}
