using Microsoft.AspNetCore.HttpOverrides;
using Pulp.Core;
using Pulp.Core.Platform.Data;
using Pulp.Core.Platform.Settings;
using Pulp.Core.Plugins;
using Pulp.Core.Tasks;
using Pulp.Migrations;
using Pulp.PluginSdk.Errors;

namespace Pulp.Host.Commands;

/// <summary>Builds the application for these settings and plugins.</summary>
internal static partial class PulpApplication
{
    public static WebApplication Build(PulpSettings settings, PluginCatalog catalog, IServiceCollection pluginServices)
    {
        if (!Directory.Exists(settings.DataDir))
        {
            // Password hashes and sessions lie in it.
            Directory.CreateDirectory(
                settings.DataDir,
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
            );
        }

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
        builder.Logging.ClearProviders();
        builder.Logging.AddSimpleConsole(o =>
        {
            o.SingleLine = true;
            o.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
            o.UseUtcTimestamp = true;
        });
        builder.Logging.SetMinimumLevel(Enum.Parse<LogLevel>(settings.LogLevel, ignoreCase: true));
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        builder.Logging.AddFilter("System.Net.Http", LogLevel.Warning);
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(options => Composition.Limit(options, settings));
        // A request is worked on by the pool's thread that has read it. (Still the pool's: one that blocks holds up nobody else.)
        builder.WebHost.UseSockets(options => options.UnsafePreferInlineScheduling = true);
        builder.WebHost.UseUrls([.. settings.Listen]);
        builder.Services.Configure<HostOptions>(o =>
            o.ShutdownTimeout = TimeSpan.FromSeconds(settings.TaskGraceInterval + 10)
        );
        builder.Services.Configure<ForwardedHeadersOptions>(o =>
            o.ForwardedHeaders =
                ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost
        );
        foreach (var service in pluginServices)
        {
            builder.Services.Add(service);
        }

        builder.Services.AddPulp(settings, catalog);
        builder.Services.AddSingleton(Versions(catalog));
        return builder.Build();
    }

    public static ComponentVersions Versions(PluginCatalog catalog)
    {
        var versions = new Dictionary<string, string>(StringComparer.Ordinal) { ["core"] = Composition.CoreVersion };
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

    /// <summary>Waits for the database, as long as it takes, and says so.</summary>
    public static async Task WaitForDatabaseAsync(
        IServiceProvider services,
        ILogger logger,
        CancellationToken cancellationToken
    )
    {
        var database = services.GetRequiredService<Database>();
        for (
            var wait = TimeSpan.FromMilliseconds(500);
            ;
            wait = TimeSpan.FromSeconds(Math.Min(wait.TotalSeconds * 2, 15))
        )
        {
            try
            {
                await database.PingAsync(cancellationToken);
                return;
            }
            catch (DatabaseUnavailableException error)
            {
                LogWaiting(logger, wait.TotalSeconds, error.InnerException?.Message ?? error.Message);
            }

            await Task.Delay(wait, cancellationToken);
        }
    }

    public static async Task<int> MigrateAsync(
        IServiceProvider services,
        PluginCatalog catalog,
        ILogger logger,
        CancellationToken cancellationToken
    )
    {
        var runner = new MigrationRunner(
            services.GetRequiredService<Database>(),
            services.GetRequiredService<TimeProvider>(),
            logger
        );
        try
        {
            return await runner.ApplyAsync(Components(catalog), cancellationToken);
        }
        catch (MigrationRefusedException refused)
        {
            throw new StartFault([refused.Message]);
        }
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The database can't be reached; next try in {Seconds} s: {Reason}"
    )]
    private static partial void LogWaiting(ILogger logger, double seconds, string reason);
}
