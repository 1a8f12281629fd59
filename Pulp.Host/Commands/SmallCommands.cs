using System.Data.Common;
using Pulp.Core.Platform.Data;
using Pulp.Core.Platform.Modules;
using Pulp.Core.Platform.OpenApi;
using Pulp.Core.Users;
using Pulp.Migrations;
using Pulp.PluginSdk.Errors;

namespace Pulp.Host.Commands;

internal static class MigrateCommand
{
    public static async Task<int> RunAsync(Setup setup, CancellationToken cancellationToken)
    {
        var (settings, catalog, services) = setup.Read();
        await using var app = PulpApplication.Build(settings, catalog, services);
        var applied = await Preparation.MigrateAsync(app, catalog, cancellationToken);
        Console.WriteLine(applied == 0 ? "The database is up to date." : $"{applied} migration(s) applied.");
        return 0;
    }
}

internal static class CheckCommand
{
    public static async Task<int> RunAsync(Setup setup, CancellationToken cancellationToken)
    {
        var (settings, catalog, services) = setup.Read();
        await using var app = PulpApplication.Build(settings, catalog, services);
        Preparation.CheckFiles(app.Services, settings);
        try
        {
            var database = app.Services.GetRequiredService<Database>();
            await database.PingAsync(cancellationToken);
            var runner = new MigrationRunner(database, TimeProvider.System, app.Logger);
            var missing = await runner.MissingAsync(PulpApplication.Components(catalog), cancellationToken);
            if (missing.Count > 0)
            {
                Console.WriteLine(
                    $"{missing.Count} migration(s) will be applied at the next start: {string.Join(", ", missing)}."
                );
            }
            else
            {
                await PulpApplication.DeclareAsync(app, cancellationToken);
            }
        }
        catch (DatabaseUnavailableException error)
        {
            throw new StartFault([$"DATABASE: can't be reached: {StartFault.OneLine(error)}"]);
        }
        catch (MigrationRefusedException refused)
        {
            throw StartFault.Of("DATABASE", refused);
        }
        catch (DbException error)
        {
            throw StartFault.OfDatabase(app.Services, error);
        }

        Console.WriteLine("Everything is in order.");
        return 0;
    }
}

internal static class ResetPasswordCommand
{
    public static async Task<int> RunAsync(
        Setup setup,
        string username,
        string? given,
        CancellationToken cancellationToken
    )
    {
        var (settings, catalog, services) = setup.Read();
        await using var app = PulpApplication.Build(settings, catalog, services);
        await Preparation.MigrateAsync(app, catalog, cancellationToken);
        var password = given ?? (Console.IsInputRedirected ? await Console.In.ReadLineAsync(cancellationToken) : null);
        var made = string.IsNullOrEmpty(password);
        password = made ? GeneratedPassword.Make() : password;
        var accounts = app.Services.GetRequiredService<Accounts>();
        var known = await accounts.SetPasswordAsync(username, password ?? "", cancellationToken);
        if (!known && username == "admin" && !await accounts.AnyAsync(cancellationToken))
        {
            known = await accounts.CreateAdminAsync(password ?? "", cancellationToken);
        }

        if (!known)
        {
            throw new StartFault($"There is no account '{username}'.");
        }

        Console.WriteLine(
            made
                ? $"The new password of '{username}' {GeneratedPassword.Keep(settings, username, password ?? "")}."
                : $"The password of '{username}' was set."
        );
        return 0;
    }
}

internal static class OpenApiCommand
{
    public static async Task<int> RunAsync(Setup setup, CancellationToken cancellationToken)
    {
        var (settings, catalog, services) = setup.Read();
        await using var app = PulpApplication.Build(settings, catalog, services);
        var kinds = app.Services.GetRequiredService<KindSetup>();
        kinds.Declare();
        kinds.MapApi();
        await using var output = Console.OpenStandardOutput();
        var document = app.Services.GetRequiredService<ApiDocument>();
        await output.WriteAsync(
            document.Json(document.Form(components: null, bindings: false, keysInPaths: false)),
            cancellationToken
        );
        return 0;
    }
}

internal static class PluginListCommand
{
    public static int Run(Setup setup)
    {
        var (_, catalog, _) = setup.Read();
        foreach (var plugin in catalog.Plugins)
        {
            Console.WriteLine($"{plugin.Identity.AppLabel} {plugin.Identity.Version}");
        }

        return 0;
    }
}

internal static class VersionCommand
{
    public static int Run(Setup setup)
    {
        var (_, catalog, _) = setup.Read();
        Console.WriteLine($"pulp {typeof(VersionCommand).Assembly.GetName().Version?.ToString(3)}");
        foreach (var (component, version) in PulpApplication.Versions(catalog).All)
        {
            Console.WriteLine($"{component} {version}");
        }

        return 0;
    }
}
