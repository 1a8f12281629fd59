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
            .AddScoped<StagedUploads>()
            .AddScoped<IStagedUploads>(provider => provider.GetRequiredService<StagedUploads>())
            .AddSingleton<UploadChunks>()
            .AddSingleton<UploadApi>();
        module.Kind(UploadKinds.Kind()).Task<CommitUpload>();
    }
}
