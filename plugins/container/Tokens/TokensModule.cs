using Microsoft.Extensions.DependencyInjection;
using Pulp.PluginSdk.Plugin;

namespace PulpContainer.Tokens;

/// <summary>The token service, its keys and its settings.</summary>
internal static class TokensModule
{
    public static void AddTokens(this IPluginBuilder plugin)
    {
        plugin.Settings<TokenSettings>(
            "",
            (given, errors) =>
            {
                if (given.TokenExpirationTime is < 1 or > 24 * 60 * 60)
                {
                    errors.Add("token_expiration_time", "Tokens are good for between a second and a day.");
                }

                if (given.TokenServer.Length > 0 && !Uri.TryCreate(given.TokenServer, UriKind.Absolute, out _))
                {
                    errors.Add("token_server", "It is not an address such as https://pulp.example.com/token/.");
                }
            }
        );
        plugin.Services.AddSingleton<TokenKeys>().AddSingleton<RegistryTokens>().AddScoped<TokenRoutes>();
        plugin.Routes("/token/", TokenRoutes.Options, TokenRoutes.Map);
    }
}
