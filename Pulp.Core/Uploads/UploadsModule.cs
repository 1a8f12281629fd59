using Pulp.Core.Platform.Modules;
using Pulp.PluginSdk.Files;

namespace Pulp.Core.Uploads;

/// <summary>Uploads in chunks.</summary>
internal sealed class UploadsModule : Module
{
    public override void Configure(ModuleBuilder module)
    {
        module
            .Services.AddSingleton<RunningDigests>()
            .AddSingleton<StagedUploadRows>()
            .AddSingleton<StagedUploadBytes>()
            .AddSingleton<OpenedUploads>()
            .AddScoped<IStagedUploads, StagedUploads>()
            .AddSingleton<UploadChunks>()
            .AddSingleton<UploadApi>();
        module.Kind(UploadKinds.Kind()).Task<CommitUpload>();
    }
}
