using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Pulp.Core;
using Pulp.Core.Platform.Data;
using Pulp.Core.Platform.Settings;
using Pulp.Core.Plugins;
using Pulp.Core.Users;
using Pulp.Host.Commands;
using Pulp.Host.PluginLoading;
using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Plugin;
using Pulp.PluginSdk.Testing;

namespace Pulp.Testing;

/// <summary>A whole server in this process: real Kestrel, real database, the bundled plugins.</summary>
public sealed class TestServer : IAsyncDisposable
{
    public const string Password = ServerProcess.Password;
    private readonly WebApplication _app;

    private TestServer(WebApplication app, PulpSettings settings, string url)
    {
        _app = app;
        Settings = settings;
        Url = url;
        Api = new PulpClient(url, "admin", Password);
    }

    /// <summary>Where the built host and its plugins are.</summary>
    public static string HostDir =>
        Path.GetFullPath(
            typeof(TestServer)
                .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
                .First(a => a.Key == "HostDir")
                .Value
                ?? ""
        );

    public PulpSettings Settings { get; }

    public string Url { get; }

    public PulpClient Api { get; }

    public IServiceProvider Services => _app.Services;

    public static async Task<TestServer> StartAsync(
        Engine engine,
        Action<PulpSettings>? configure = null,
        IReadOnlyList<PulpPlugin>? extra = null,
        TimeProvider? clock = null
    )
    {
        var database = engine == Engine.Postgres ? await PostgresCluster.CreateDatabaseAsync() : "";
        var settings = new PulpSettings
        {
            DataDir = Directory.CreateTempSubdirectory("pulp-test-").FullName,
            Database = database,
            Listen = ["http://127.0.0.1:0"],
            PluginDir = [Path.Combine(HostDir, "plugins")],
            FlushArtifacts = false,
            SqliteSynchronous = "off",
            LogLevel = "Warning",
            OrphanProtectionTime = 0,
        };
        configure?.Invoke(settings);
        try
        {
            return await StartAsync(settings, extra, clock);
        }
        catch (StartFault)
        {
            Directory.Delete(settings.DataDir, recursive: true);
            throw;
        }
    }

    /// <summary>Starts with settings that exist: another process on the same data.</summary>
    public static async Task<TestServer> StartAsync(
        PulpSettings settings,
        IReadOnlyList<PulpPlugin>? extra = null,
        TimeProvider? clock = null
    )
    {
        var faults = new List<string>();
        SettingsRules.Apply(settings, faults);
        if (faults.Count > 0)
        {
            throw new StartFault(faults);
        }

        var services = new ServiceCollection();
        var catalog = PluginLoader.Load(settings, services);
        // Plugins of the test's own, beside those that are loaded from their folders.
        foreach (var plugin in extra ?? [])
        {
            var builder = new PluginBuilder(plugin, services);
            plugin.Configure(builder);
            catalog = new PluginCatalog([.. catalog.Plugins, builder.Declarations]);
        }

        var app = PulpApplication.Build(settings, catalog, services, clock);
        await Preparation.PrepareAsync(app, settings, catalog, CancellationToken.None);
        var kinds = await PulpApplication.DeclareAsync(app, CancellationToken.None);
        await app.Services.GetRequiredService<Accounts>().CreateAdminAsync(Password, CancellationToken.None);
        if (settings.Roles.Contains("api"))
        {
            await PulpApplication.MapApiAsync(app, kinds, CancellationToken.None);
        }

        app.UsePulp(settings);
        await PulpApplication.StartAsync(app, settings, CancellationToken.None);
        var url =
            app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses.First() ?? "";
        return new TestServer(app, settings, url);
    }

    /// <summary>Runs a statement behind the server's back.</summary>
    public Task ExecuteAsync(string sql) =>
        Services.GetRequiredService<Database>().ExecuteAsync(SqlText.Raw(sql), CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        Api.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
