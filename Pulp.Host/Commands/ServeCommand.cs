using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Pulp.Core;
using Pulp.Core.Platform.Data;
using Pulp.Core.Platform.Settings;
using Pulp.Core.Tasks;
using Pulp.Core.Users;
using Pulp.Host.Tls;

namespace Pulp.Host.Commands;

/// <summary>Runs the server, or workers until nothing waits.</summary>
internal static partial class ServeCommand
{
    public static async Task<int> RunAsync(Setup setup, bool burst, CancellationToken cancellationToken)
    {
        var (settings, catalog, services) = setup.Read();
        if (settings.Roles is ["worker"])
        {
            settings.Listen = ["http://127.0.0.1:0"];
        }

        await using var app = PulpApplication.Build(settings, catalog, services);
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Preparation.PrepareAsync(app, settings, catalog, stopping.Token);
        var kinds = await PulpApplication.DeclareAsync(app, stopping.Token);
        if (settings.Roles.Contains("api"))
        {
            await EnsureAdminAsync(app, settings, stopping.Token);
            await PulpApplication.MapApiAsync(app, kinds, stopping.Token);
        }

        app.UsePulp(settings);
        await PulpApplication.StartAsync(app, settings, stopping.Token);
        if (settings.Roles is not ["worker"])
        {
            var addresses =
                app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
            Say(app, $"Pulp listens on {string.Join(", ", addresses)} ({string.Join(", ", settings.Roles)}).");
            if (settings.TlsSelfSigned)
            {
                Say(app, $"Clients may trust its certificate by {SelfSignedCertificate.PublicPath(settings)}.");
            }
        }

        if (burst)
        {
            await DrainAsync(app, stopping.Token);
            await app.StopAsync(CancellationToken.None);
            return 0;
        }

        await app.WaitForShutdownAsync(cancellationToken);
        return 0;
    }

    /// <summary>To whoever started it; where each line of the output must be JSON, through the log.</summary>
    private static void Say(WebApplication app, string text)
    {
        if (app.Services.GetRequiredService<PulpSettings>().LogFormat == "json")
        {
            LogSaid(app.Logger, text);
        }
        else
        {
            Console.WriteLine(text);
        }
    }

    /// <summary>The first account.</summary>
    private static async Task EnsureAdminAsync(
        WebApplication app,
        PulpSettings settings,
        CancellationToken cancellationToken
    )
    {
        var accounts = app.Services.GetRequiredService<Accounts>();
        if (await accounts.AnyAsync(cancellationToken))
        {
            return;
        }

        var given = settings.DefaultAdminPassword;
        var password = given.Length > 0 ? given : GeneratedPassword.Make();
        if (!await accounts.CreateAdminAsync(password, cancellationToken) || given.Length > 0)
        {
            return;
        }

        var told = GeneratedPassword.Keep(settings, "admin", password);
        Say(app, $"The account 'admin' was made. Its password {told}.");
    }

    private static async Task DrainAsync(WebApplication app, CancellationToken cancellationToken)
    {
        var database = app.Services.GetRequiredService<Database>();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        var executor = app.Services.GetRequiredService<TaskExecutor>();
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            var waiting = await database.FirstOrDefaultAsync<long>(
                $"select count(*) from core_task where state in ('waiting', 'running', 'canceling')",
                cancellationToken
            );
            if (waiting == 0 && executor.RunningCount == 0)
            {
                return;
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Text}")]
    private static partial void LogSaid(ILogger logger, string text);
}
