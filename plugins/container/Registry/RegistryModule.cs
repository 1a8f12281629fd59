using Microsoft.Extensions.DependencyInjection;
using Pulp.PluginSdk.Plugin;
using PulpContainer.Signatures;
using PulpContainer.Tokens;

namespace PulpContainer.Registry;

/// <summary>The registry at <c>/v2/</c>.</summary>
internal static class RegistryModule
{
    public static void AddRegistry(this IPluginBuilder plugin)
    {
        var settings = plugin.SettingsOf<TokenSettings>();
        plugin
            .Services.AddSingleton<RegistryRoutes>()
            .AddSingleton<RegistryGate>()
            .AddSingleton<ManifestReads>()
            .AddSingleton<BlobReads>()
            .AddSingleton<PendingBlobs>()
            .AddSingleton<UploadIds>()
            .AddSingleton<PushedConfigs>()
            .AddSingleton<TagLists>()
            .AddSingleton<Referrers>()
            .AddSingleton<Catalog>()
            .AddSingleton<SignatureReads>()
            .AddScoped<RegistryRights>()
            .AddScoped<PushTargets>()
            .AddScoped<BlobMounts>()
            .AddScoped<BlobStore>()
            .AddScoped<BlobUploads>()
            .AddScoped<ManifestReferences>()
            .AddScoped<ManifestPush>()
            .AddScoped<SignaturePush>()
            .AddScoped<Removals>();
        var options = RegistryRoutes.Options with
        {
            Challenge = request => RegistryGate.Challenge(settings, request, scope: null, error: null),
        };
        plugin.Routes("/v2/", options, RegistryRoutes.Map);
        plugin.Routes(
            "/extensions/v2/",
            options with
            {
                MaxRequestBytes = SimpleSignature.MostBytes,
            },
            SignatureReads.Map
        );
    }
}
