using System.Data.Common;
using Pulp.Core;
using Pulp.Core.Access;
using Pulp.Core.Platform.Data;
using Pulp.Core.Platform.Modules;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Platform.Settings;
using Pulp.Core.Platform.Storage;
using Pulp.Core.Plugins;
using Pulp.Core.Rights;
using Pulp.Core.Tasks;
using Pulp.Host.Logs;
using Pulp.Host.Tls;
using Pulp.Migrations;
using Pulp.PluginSdk.Errors;

namespace Pulp.Host.Commands;

/// <summary>Builds the application for these settings and plugins.</summary>
internal static class PulpApplication
{
    public static WebApplication Build(
        PulpSettings settings,
        PluginCatalog catalog,
        IServiceCollection pluginServices,
        TimeProvider? clock = null
    )
    {
        MakeDataDir(settings);
        var builder = WebApplication.CreateSlimBuilder(
            new WebApplicationOptions
            {
                ContentRootPath = AppContext.BaseDirectory,
                EnvironmentName = Environments.Production,
                // No watching of files: in the data directory it would see every artifact.
                Args = ["--hostBuilder:reloadConfigOnChange=false"],
            }
        );
        // Nothing but Pulp's own settings counts.
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddInMemoryCollection();
        Logging.Configure(builder.Logging, settings);
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(options =>
        {
            Composition.Limit(options, settings);
            options.ConfigureHttpsDefaults(https =>
                options.ApplicationServices.GetRequiredService<ServerCertificate>().Use(https)
            );
        });
        builder.Services.AddSingleton<ServerCertificate>();
        // A request is worked on by the pool's thread that has read it. (Still the pool's: one that blocks holds up nobody else.)
        builder.WebHost.UseSockets(options => options.UnsafePreferInlineScheduling = true);
        builder.WebHost.UseUrls([.. settings.Listen]);
        builder.Services.Configure<HostOptions>(o =>
            o.ShutdownTimeout = TimeSpan.FromSeconds(settings.TaskGraceInterval + 10)
        );
        foreach (var service in pluginServices)
        {
            builder.Services.Add(service);
        }

        builder.Services.AddPulp(settings, catalog);
        if (clock is not null)
        {
            builder.Services.AddSingleton(clock);
        }

        builder.Services.AddSingleton(Versions(catalog));
        // What is made once would act for whoever came first with what is made for each request.
        builder.Host.UseDefaultServiceProvider(options => options.ValidateScopes = true);
        return builder.Build();
    }

    public static ComponentVersions Versions(PluginCatalog catalog)
    {
        var versions = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["core"] = Composition.CoreVersion,
            ["certguard"] = Composition.CoreVersion,
        };
        foreach (var plugin in catalog.Plugins)
        {
            versions[plugin.Identity.AppLabel] = plugin.Identity.Version;
        }

        return new ComponentVersions(versions);
    }

    public static IReadOnlyList<Component> Components(PluginCatalog catalog) =>
        [
            new Component("core", Composition.CoreVersion, CoreMigrations.All),
            .. catalog.Plugins.Select(p => new Component(p.Identity.AppLabel, p.Identity.Version, p.Migrations)),
        ];

    /// <summary>Makes the kinds known, and sees that the database, which is of this release now, has what their records say.</summary>
    /// <exception cref="StartFault">It hasn't: each table or column is named.</exception>
    public static async Task<KindSetup> DeclareAsync(WebApplication app, CancellationToken cancellationToken)
    {
        var kinds = app.Services.GetRequiredService<KindSetup>();
        Declare(kinds.Declare);
        IReadOnlyList<string> faults =
        [
            .. await app.Services.GetRequiredService<TableCheck>().FaultsAsync(cancellationToken),
            .. app.Services.GetRequiredService<AccessCheck>().Faults(),
        ];
        return faults.Count > 0 ? throw new StartFault(faults) : kinds;
    }

    private static void Declare(Action declare)
    {
        try
        {
            declare();
        }
        catch (DeclarationException fault)
        {
            throw new StartFault([fault.Message]);
        }
    }

    /// <summary>Puts the operations into the API, and the roles and policies that follow from them into the database.</summary>
    public static async Task MapApiAsync(WebApplication app, KindSetup kinds, CancellationToken cancellationToken)
    {
        Declare(kinds.MapApi);
        await app.Services.GetRequiredService<ShippedAccess>().StoreAsync(cancellationToken);
    }

    /// <summary>Starts what listens and what runs in the background.</summary>
    /// <exception cref="StartFault">It can't start; whatever had started has ended.</exception>
    public static async Task StartAsync(WebApplication app, PulpSettings settings, CancellationToken cancellationToken)
    {
        try
        {
            await app.StartAsync(cancellationToken);
            app.Services.GetRequiredService<StartLogging>().IsOver = true;
        }
        catch (Exception error)
        {
            // What has started ends as at any stop: nothing stays registered, no loop is torn off.
            await app.StopAsync(CancellationToken.None);
            if (StartFault.IsOfSurroundings(error))
            {
                throw StartFault.WhileStarting(error, settings);
            }

            throw;
        }
    }

    private static void MakeDataDir(PulpSettings settings)
    {
        if (Directory.Exists(settings.DataDir))
        {
            return;
        }

        try
        {
            // Password hashes and sessions lie in it.
            Directory.CreateDirectory(
                settings.DataDir,
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
            );
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StartFault([
                $"DATA_DIR: the directory {settings.DataDir} can't be made: {StartFault.OneLine(error)}",
            ]);
        }
    }
}
