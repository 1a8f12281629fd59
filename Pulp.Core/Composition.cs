using Microsoft.AspNetCore.Server.Kestrel.Core;
using Pulp.Core.Access;
using Pulp.Core.AlternateSources;
using Pulp.Core.Artifacts;
using Pulp.Core.Contents;
using Pulp.Core.Maintenance;
using Pulp.Core.Platform.Downloads;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.OpenApi;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Platform.Settings;
using Pulp.Core.Platform.Sockets;
using Pulp.Core.Platform.Storage;
using Pulp.Core.Plugins;
using Pulp.Core.Publications;
using Pulp.Core.Repositories;
using Pulp.Core.Serving;
using Pulp.Core.Status;
using Pulp.Core.Sync;
using Pulp.Core.Tasks;
using Pulp.Core.Uploads;
using Pulp.Core.Users;

namespace Pulp.Core;

/// <summary>Core's services, feature by feature.</summary>
internal static class Composition
{
    /// <summary>The wire version of core: the release whose behaviour is kept.</summary>
    public const string CoreVersion = "3.105.16";

    public static IServiceCollection AddPulpCore(
        this IServiceCollection services,
        PulpSettings settings,
        PluginCatalog catalog
    ) =>
        services
            .AddSingleton(settings)
            .AddSingleton(catalog)
            .AddSingleton(TimeProvider.System)
            .AddPlatform(settings)
            .AddTasks(catalog)
            .AddUsers()
            .AddContentAndRepositories()
            .AddServing()
            .AddMaintenance();

    private static IServiceCollection AddPlatform(this IServiceCollection services, PulpSettings settings) =>
        services
            .AddSingleton(provider => DatabaseFactory.Open(settings, provider))
            .AddSingleton<IDb>(provider => provider.GetRequiredService<Database>())
            .AddSingleton(_ => new SecretBox(Keys.Load(settings)))
            .AddSingleton<FileStorage>()
            .AddSingleton<Downloaders>()
            .AddSingleton<ResourceRegistry>()
            .AddSingleton<PluginSdk.Tasks.IResourceNames>(provider => provider.GetRequiredService<ResourceRegistry>())
            .AddSingleton<KindBehaviors>()
            .AddSingleton<References>()
            .AddSingleton<FieldBinder>()
            .AddSingleton<ResourceStore>()
            .AddSingleton<ResourceReader>()
            .AddSingleton<ResourceChanges>()
            .AddSingleton<ResourceApi>()
            .AddSingleton<ApiOperations>()
            .AddSingleton<ApiDocument>()
            .AddSingleton<DocumentApi>()
            .AddSingleton<KindSetup>();

    private static IServiceCollection AddTasks(this IServiceCollection services, PluginCatalog catalog) =>
        services
            .AddSingleton(_ => TaskNames.Register(catalog))
            .AddSingleton<ProcessIdentity>()
            .AddSingleton<TaskQueue>()
            .AddSingleton<WorkingDirectories>()
            .AddSingleton<TaskClaims>()
            .AddSingleton<TaskExecutor>()
            .AddSingleton<TaskDispatcher>()
            .AddScoped<RequestOrigin>()
            .AddScoped<PluginSdk.Tasks.ITaskDispatcher, RequestDispatcher>()
            .AddSingleton<TaskCancellation>()
            .AddSingleton<Heartbeats>()
            .AddSingleton<TaskApi>();

    private static IServiceCollection AddUsers(this IServiceCollection services) =>
        services.AddSingleton<Accounts>().AddSingleton<AccessGate>().AddSingleton<UserApi>();

    private static IServiceCollection AddContentAndRepositories(this IServiceCollection services) =>
        services
            .AddSingleton<ArtifactStore>()
            .AddSingleton<ArtifactApi>()
            .AddSingleton<UploadChunks>()
            .AddSingleton<UploadApi>()
            .AddSingleton<ContentSaver>()
            .AddSingleton<ContentCreation>()
            .AddSingleton<ContentUploadApi>()
            .AddSingleton<VersionRetention>()
            .AddSingleton<VersionBuilder.Services>()
            .AddSingleton<Versions>()
            .AddSingleton<ITaskLeftovers>(provider => provider.GetRequiredService<Versions>())
            .AddSingleton<PublicationWriting>()
            .AddSingleton<ITaskLeftovers>(provider => provider.GetRequiredService<PublicationWriting>())
            .AddSingleton<VersionCompletion>()
            .AddSingleton<RepositoryApi>()
            .AddSingleton<VersionApi>()
            .AddSingleton<PublicationApi>()
            .AddSingleton<AlternateSourceApi>();

    private static IServiceCollection AddServing(this IServiceCollection services) =>
        services
            .AddSingleton<ServingStamp>()
            .AddSingleton<DistributionTable>()
            .AddSingleton<DirectoryListings>()
            .AddSingleton<PathLookup>()
            .AddSingleton<RememberedAnswers>()
            .AddSingleton<SmallFiles>()
            .AddSingleton<OnDemandResponse>()
            .AddSingleton<FileResponse>()
            .AddSingleton<OnDemandFiles>();

    private static IServiceCollection AddMaintenance(this IServiceCollection services) =>
        services
            .AddSingleton<ArtifactRepair>()
            .AddSingleton<RepairApi>()
            .AddSingleton<OrphanApi>()
            .AddSingleton<ReclaimApi>()
            .AddSingleton<StatusApi>()
            .AddSingleton<StartPage>()
            .AddSingleton<Housekeeping>();

    /// <summary>What runs in the background of a process with these roles.</summary>
    public static IServiceCollection AddPulpRoles(this IServiceCollection services, PulpSettings settings)
    {
        services.AddHostedService<DatabaseBackground>();
        services.AddHostedService(provider => provider.GetRequiredService<TaskCancellation>());
        services.AddHostedService(provider => provider.GetRequiredService<Heartbeats>());
        if (settings.Roles.Contains("content"))
        {
            services.AddHostedService<ServingWatch>();
        }

        if (settings.Roles.Contains("worker"))
        {
            services.AddHostedService<WorkerPool>();
            services.AddHostedService(provider => provider.GetRequiredService<Housekeeping>());
        }

        return services;
    }

    /// <summary>The request pipeline: content before everything, then the API.</summary>
    public static void UsePulp(this WebApplication app, PulpSettings settings, PluginCatalog catalog)
    {
        if (settings.Roles.Contains("content"))
        {
            app.UseMiddleware<ContentApplication>();
        }

        if (settings.Roles.Contains("api"))
        {
            app.UseMiddleware<CorrelationIds>();
            app.UseMiddleware<ApiErrors>();
            app.UseForwardedHeaders();
            app.UseRouting();
            app.Use(ApiMapping.GuardPluginRoutesAsync);
            ApiMapping.Map(app, app.Services, catalog);
        }
        else
        {
            // Somebody has to say that this process lives.
            app.MapGet(ResourceKind.ApiRoot + "livez/", () => Results.Ok());
        }

        app.Services.GetRequiredService<StartPage>().Map(app);
    }

    /// <summary>Kestrel's limits: large uploads go straight to storage, everything else is bounded by its operation.</summary>
    public static void Limit(KestrelServerOptions options, PulpSettings settings)
    {
        options.AddServerHeader = false;
        options.Limits.MaxRequestBodySize = null;
        options.Limits.MaxRequestHeadersTotalSize = 64 * 1024;
        options.Limits.MaxRequestLineSize = 64 * 1024;
        options.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(75);
        SocketOutputs.Use(options, TimeSpan.FromSeconds(settings.SendTimeout));
    }
}
