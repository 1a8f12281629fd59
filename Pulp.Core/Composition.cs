using Microsoft.AspNetCore.Server.Kestrel.Core;
using Pulp.Core.Access;
using Pulp.Core.AlternateSources;
using Pulp.Core.Artifacts;
using Pulp.Core.Audit;
using Pulp.Core.Contents;
using Pulp.Core.Distributions;
using Pulp.Core.Groups;
using Pulp.Core.Guards;
using Pulp.Core.Maintenance;
using Pulp.Core.Platform;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Modules;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Platform.Settings;
using Pulp.Core.Platform.Sockets;
using Pulp.Core.Plugins;
using Pulp.Core.PluginServices;
using Pulp.Core.Policies;
using Pulp.Core.Publications;
using Pulp.Core.Remotes;
using Pulp.Core.Repair;
using Pulp.Core.Repositories;
using Pulp.Core.Rights;
using Pulp.Core.Roles;
using Pulp.Core.Routes;
using Pulp.Core.Serving;
using Pulp.Core.Signing;
using Pulp.Core.Status;
using Pulp.Core.Sync;
using Pulp.Core.Tasks;
using Pulp.Core.Tenancy;
using Pulp.Core.Units;
using Pulp.Core.Uploads;
using Pulp.Core.Users;
using Pulp.Core.Vulnerabilities;

namespace Pulp.Core;

/// <summary>Core as a list of modules, and what the process makes of them.</summary>
internal static class Composition
{
    /// <summary>The wire version of core: the release whose behaviour is kept.</summary>
    public const string CoreVersion = "3.105.16";

    /// <summary>Background work starts in this order.</summary>
    private static IEnumerable<Module> CoreModules() =>
        [
            new PlatformModule(),
            new TasksModule(),
            new TenancyModule(),
            new UsersModule(),
            new RightsModule(),
            new AccessModule(),
            new AuditModule(),
            new GroupsModule(),
            new RolesModule(),
            new PoliciesModule(),
            new ArtifactsModule(),
            new UploadsModule(),
            new UnitsModule(),
            new ContentsModule(),
            new RemotesModule(),
            new SyncModule(),
            new RepairModule(),
            new RepositoriesModule(),
            new PublicationsModule(),
            new DistributionsModule(),
            new GuardsModule(),
            new AlternateSourcesModule(),
            new VulnerabilitiesModule(),
            new SigningModule(),
            new ServingModule(),
            new MaintenanceModule(),
            new StatusModule(),
            new PluginServicesModule(),
            new RoutesModule(),
        ];

    /// <summary>Everything that this process has: Core's modules and one for each plugin.</summary>
    public static IServiceCollection AddPulp(
        this IServiceCollection services,
        PulpSettings settings,
        PluginCatalog plugins
    )
    {
        var catalog = new ModuleCatalog();
        services.AddSingleton(settings).AddSingleton(plugins).AddSingleton(catalog);
        var builder = new ModuleBuilder(services, settings, catalog);
        foreach (var module in CoreModules().Concat(plugins.Plugins.Select(p => new PluginModule(p))))
        {
            module.Configure(builder);
        }

        return services;
    }

    /// <summary>The request pipeline: content before everything else, then what plugins mount, then the API.</summary>
    public static void UsePulp(this WebApplication app, PulpSettings settings)
    {
        app.UseTrustedProxies(settings);
        app.UseMiddleware<CorrelationIds>();
        if (settings.RequestLog == "all")
        {
            app.UseMiddleware<RequestLog>();
        }

        if (settings.Roles.Contains(ProcessRoles.Content))
        {
            app.UseMiddleware<ContentApplication>();
        }

        app.UseMiddleware<AuditTrail>();
        app.UseMiddleware<MountedRoutes>();

        if (settings.RequestLog == "api")
        {
            app.UseMiddleware<RequestLog>();
        }

        // The access gate authenticates. Left out here, the framework would put this before the content application.
        app.UseAuthentication();
        if (settings.Roles.Contains(ProcessRoles.Api))
        {
            app.UseMiddleware<ApiErrors>();
            app.UseMiddleware<DomainPaths>();
            app.UseRouting();
            ApiMapping.Map(app, app.Services);
        }
        else
        {
            // Left out here, the framework would put this before the content application too.
            app.UseRouting();

            // Health checks ask processes without the API too.
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
