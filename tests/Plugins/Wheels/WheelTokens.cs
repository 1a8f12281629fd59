using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Pulp.PluginSdk.Access;

namespace Pulp.TestPlugins.Wheels;

/// <summary>Tokens for uploads.</summary>
internal static class WheelTokens
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(
            "/",
            (IAccess access, ISecrets<WheelsPlugin> secrets) => secrets.Seal(access.Current?.Username ?? "")
        );
        routes
            .MapGet(
                "/open",
                (string token, ISecrets<WheelsPlugin> secrets) =>
                {
                    try
                    {
                        return Results.Text(secrets.Open(token));
                    }
                    catch (CryptographicException)
                    {
                        return Results.StatusCode(StatusCodes.Status401Unauthorized);
                    }
                }
            )
            .AllowAnonymous();
    }
}
