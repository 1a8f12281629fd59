using Pulp.Core.Platform.Modules;
using Pulp.Core.Rights;
using Pulp.Core.Users;
using Pulp.PluginSdk.Errors;

namespace Pulp.Host.Commands;

/// <summary>Says why somebody may do something, or may not.</summary>
internal static class ExplainCommand
{
    public static async Task<int> RunAsync(
        Setup setup,
        string username,
        string operation,
        string? href,
        string domain,
        CancellationToken cancellationToken
    )
    {
        var (settings, catalog, services) = setup.Read();
        await using var app = PulpApplication.Build(settings, catalog, services);
        await Preparation.MigrateAsync(app, catalog, cancellationToken);
        var kinds = await PulpApplication.DeclareAsync(app, cancellationToken);
        kinds.MapApi();
        var caller =
            await app.Services.GetRequiredService<Accounts>().FindAsync(username, cancellationToken)
            ?? throw new StartFault($"There is no active account '{username}'.");
        try
        {
            var explanation = app.Services.GetRequiredService<Explanation>();
            foreach (var line in await explanation.OfAsync(caller, operation, href, domain, cancellationToken))
            {
                Console.WriteLine(line);
            }

            return 0;
        }
        catch (BadRequestException fault)
        {
            throw new StartFault(fault.Message);
        }
    }
}
