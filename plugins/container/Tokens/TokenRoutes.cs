using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Pulp.PluginSdk.Access;
using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Resources;
using Pulp.PluginSdk.Serving;
using PulpContainer.Distributions;
using PulpContainer.Names;
using PulpContainer.Registry;

namespace PulpContainer.Tokens;

/// <summary>
/// The token service: who sends a name and a password, or nothing, gets a token with as much of what was asked for as the account may.
/// </summary>
internal sealed class TokenRoutes(
    RegistryTokens tokens,
    TokenSettings settings,
    RegistryRights rights,
    IAccess access,
    IResources resources,
    IRequestDomain domain,
    IServed served,
    TimeProvider clock
)
{
    /// <summary>No client asks for more at once.</summary>
    private const int MostScopes = 100;

    public static MountOptions Options { get; } =
        new()
        {
            Roles = RouteRoles.Api | RouteRoles.Content,
            Callers = RouteCallers.Anybody,
            Document =
            [
                new RouteDescription
                {
                    Id = "token_get",
                    Path = "",
                    Tag = "Token",
                    Summary = "Get a token for the registry",
                    Query = ["service", "scope"],
                },
            ],
        };

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/", context => context.RequestServices.GetRequiredService<TokenRoutes>().GiveAsync(context));

    private async Task GiveAsync(HttpContext context)
    {
        var service = context.Request.Query["service"].FirstOrDefault();
        if (string.IsNullOrEmpty(service))
        {
            throw new BadRequestException("No service provided.");
        }

        var asked = ScopesOf(context.Request);
        var granted = new List<TokenScope>();
        foreach (var scope in asked)
        {
            granted.Add(scope with { Actions = await ActionsAsync(scope, context.RequestAborted) });
        }

        var now = clock.GetUtcNow();
        var token = await tokens.MakeAsync(
            access.Current?.Username ?? "",
            service,
            settings.RealmOf(context.Request),
            granted,
            context.RequestAborted
        );
        await context.Response.WriteAsJsonAsync(
            new
            {
                token,
                access_token = token,
                expires_in = settings.TokenExpirationTime,
                issued_at = now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture),
            },
            context.RequestAborted
        );
    }

    /// <summary>Several may come as several parameters, or in one with spaces between.</summary>
    private static List<TokenScope> ScopesOf(HttpRequest request)
    {
        var scopes = new List<TokenScope>();
        foreach (var text in request.Query["scope"].SelectMany(s => (s ?? "").Split(' ')).Where(s => s.Length > 0))
        {
            // A name may hold a host with its port: the first part is the type, the last the actions.
            var (first, last) = (text.IndexOf(':', StringComparison.Ordinal), text.LastIndexOf(':'));
            if (first <= 0 || last <= first)
            {
                throw new BadRequestException(
                    "A scope is a type, a name and actions, such as repository:app:pull,push."
                );
            }

            var actions = text[(last + 1)..].Split(',', StringSplitOptions.RemoveEmptyEntries);
            scopes.Add(new TokenScope(text[..first], text[(first + 1)..last], [.. actions.Distinct()]));
        }

        return scopes.Count <= MostScopes ? scopes : throw new BadRequestException("These are too many scopes.");
    }

    private async Task<IReadOnlyList<string>> ActionsAsync(TokenScope asked, CancellationToken cancellationToken)
    {
        if (asked is { Type: "registry", Name: "catalog" })
        {
            return asked.Actions.Contains("*") && await rights.MayListAsync(access.Current, cancellationToken)
                ? ["*"]
                : [];
        }

        if (asked.Type != "repository" || !ImageName.IsName(asked.Name))
        {
            return [];
        }

        await domain.EnterAsync(asked.Name, cancellationToken);
        var found = await resources.FindAsync<ContainerDistribution>(
            (SqlText)$"m.base_path = {domain.BasePathOf(asked.Name)}",
            cancellationToken
        );
        var (pull, push) = found is [var distribution, ..]
            ? (
                await rights.MayPullAsync(access.Current, distribution, cancellationToken),
                await rights.MayPushAsync(access.Current, distribution, cancellationToken)
            )
            : await OfNewAsync(asked.Name, cancellationToken);
        var granted = new List<string>();
        if ((pull || push) && (asked.Actions.Contains(RegistryGate.Pull) || asked.Actions.Contains("*")))
        {
            granted.Add(RegistryGate.Pull);
        }

        if (push && (asked.Actions.Contains(RegistryGate.Push) || asked.Actions.Contains("*")))
        {
            granted.Add(RegistryGate.Push);
        }

        // Clients ask for deletion by a name of its own, which is whoever pushes may.
        if (push && asked.Actions.Contains("delete"))
        {
            granted.Add("delete");
        }

        return granted;
    }

    private async Task<(bool Pull, bool Push)> OfNewAsync(string name, CancellationToken cancellationToken)
    {
        if (await served.FindAsync<ContainerPullThroughDistribution>(name, cancellationToken) is { } above)
        {
            return (await rights.MayPullNewAsync(access.Current, above.Distribution, cancellationToken), false);
        }

        var may = await rights.MayCreateAsync(access.Current, name, cancellationToken);
        return (may, may);
    }
}
