using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Pulp.PluginSdk.Access;
using Pulp.PluginSdk.Data;

namespace Pulp.TestPlugins.Images;

/// <summary>Clients of a registry sign in once, for a token that says who they are.</summary>
internal static class ImageTokens
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/", GiveAsync).AllowAnonymous();
        routes.MapGet("/open", Open).AllowAnonymous();
        routes.MapGet("/visible", VisibleAsync);
    }

    /// <summary>A token for whoever sends a name and a password.</summary>
    private static async Task<IResult> GiveAsync(
        HttpRequest request,
        IAccess access,
        ISecrets<ImagesPlugin> secrets,
        CancellationToken cancellationToken
    )
    {
        if (!AuthenticationHeaderValue.TryParse(request.Headers.Authorization, out var header))
        {
            return Results.StatusCode(StatusCodes.Status401Unauthorized);
        }

        var parts = Encoding.UTF8.GetString(Convert.FromBase64String(header.Parameter ?? "")).Split(':', 2);
        return await access.SignInAsync(parts[0], parts[^1], cancellationToken) is { } caller
            ? Results.Json(new { token = secrets.Seal($"{caller.Id} {caller.Username}") })
            : Results.StatusCode(StatusCodes.Status401Unauthorized);
    }

    private static IResult Open(string token, ISecrets<ImagesPlugin> secrets)
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

    /// <summary>What the caller may pull.</summary>
    private static async Task<IResult> VisibleAsync(IAccess access, IDb db, CancellationToken cancellationToken) =>
        Results.Json(
            new
            {
                caller = access.Current?.Username,
                everything = await access.HoldsAsync(
                    access.Current,
                    "images.view_imagerepository",
                    on: null,
                    cancellationToken
                ),
                repositories = await db.QueryAsync<string>(
                    $"""
                    select r.name from core_repository r
                     where r.pulp_id in {await access.VisibleAsync<ImageRepository>(
                        access.Current,
                        "images.view_imagerepository",
                        cancellationToken
                    )}
                     order by r.name
                    """,
                    cancellationToken
                ),
            }
        );
}
