using Pulp.Core.Platform.Data;
using Pulp.Core.Platform.Downloads;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Modules;
using Pulp.Core.Platform.OpenApi;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Platform.Storage;

namespace Pulp.Core.Platform;

/// <summary>What every feature stands on: database, storage, downloads, and the engine of the resources.</summary>
internal sealed class PlatformModule : Module
{
    public override void Configure(ModuleBuilder module)
    {
        var settings = module.Settings;
        module
            .Services.AddSingleton(TimeProvider.System)
            .AddSingleton(provider => DatabaseFactory.Open(settings, provider))
            .AddSingleton<IDb>(provider => new PluginDb(provider.GetRequiredService<Database>()))
            .AddSingleton(_ => new SecretBox(Keys.Load(settings)))
            .AddSingleton<TrustedProxies>()
            .AddSingleton<StorageBackends>()
            .AddSingleton<DomainStorages>()
            .AddSingleton<DomainDirectory>()
            .AddSingleton<FileStorage>()
            .AddSingleton<DiskFaults>()
            .AddSingleton<ArtifactFiles>()
            .AddSingleton<Downloaders>()
            .AddSingleton<SharedDownloaders>()
            .AddSingleton<PluginSdk.Upstreams.IUpstreams, PluginUpstreams>()
            .AddSingleton<ResourceRegistry>()
            .AddSingleton<TableCheck>()
            .AddScoped<PluginSdk.Tasks.IResourceNames, ResourceNames>()
            .AddScoped<PluginSdk.Serving.IRequestDomain, PluginDomain>()
            .AddSingleton<ReferenceParser>()
            .AddSingleton(services =>
                ActivatorUtilities.CreateInstance<References>(services, services.GetRequiredService<Database>())
            )
            .AddSingleton<FieldBinder>()
            .AddSingleton<ResourceStore>()
            .AddSingleton<CreationBodies>()
            .AddSingleton<SeenCounts>()
            .AddSingleton<SeenPages>()
            .AddSingleton<ResourceReader>()
            .AddSingleton<ResourceChanges>()
            .AddSingleton<ResourceApi>()
            .AddSingleton<NestedPaths>()
            .AddSingleton<ApiOperations>()
            .AddSingleton<ApiDocument>()
            .AddSingleton<KindSetup>();
        module.Channel(DomainDirectory.Channel).Background<DatabaseBackground>().Operations<DocumentApi>();
    }
}
