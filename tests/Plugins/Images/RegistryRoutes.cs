using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Serving;

namespace Pulp.TestPlugins.Images;

/// <summary>The registry's own paths, below <c>/v2/</c>.</summary>
internal sealed class RegistryRoutes(IServed served, IAnswers answers, IDb db)
{
    private const string Blobs = "blobs/";

    public static MountOptions Options { get; } =
        new()
        {
            Roles = RouteRoles.Api | RouteRoles.Content,
            Errors = RegistryError.Body,
            Challenge = request =>
                $"Bearer realm=\"{request.Scheme}://{request.Host}/token\",service=\"{request.Host}\"",
        };

    public static void Map(IEndpointRouteBuilder routes)
    {
        var registry = routes.ServiceProvider.GetRequiredService<RegistryRoutes>();
        routes.MapGet("/", context => Task.CompletedTask);
        routes.MapMethods("{**path}", [HttpMethods.Get, HttpMethods.Head], registry.AnswerAsync).AllowAnonymous();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var (path, aborted) = (context.Request.RouteValues["path"] as string ?? "", context.RequestAborted);
        if (
            await served.FindAsync<ImageDistribution>(path, aborted) is not { } found
            || !found.Rest.StartsWith(Blobs, StringComparison.Ordinal)
        )
        {
            throw new RegistryError("NAME_UNKNOWN", "The repository isn't known to this registry.", 404);
        }

        var answer = await BlobAsync(found.Served, found.Rest[Blobs.Length..], aborted);
        await answers.SendAsync(context, found.Served, answer, aborted);
    }

    private async Task<ContentAnswer> BlobAsync(
        IServedDistribution distribution,
        string digest,
        CancellationToken cancellationToken
    )
    {
        var blob = await distribution.RememberAsync(
            digest,
            async token =>
                (
                    await db.FirstOrDefaultAsync<Guid>(
                        $"""
                        select b.pulp_id from images_blob b
                          join core_repositorycontent rc on rc.content_id = b.pulp_id
                         where b.digest = {digest} and rc.repository_id = {distribution.Version?.RepositoryId}
                           and rc.version_added <= {distribution.Version?.Number}
                           and (rc.version_removed is null or rc.version_removed > {distribution.Version?.Number})
                        """,
                        token
                    ),
                    16L
                ),
            cancellationToken
        );
        return blob == Guid.Empty
            ? throw new RegistryError("BLOB_UNKNOWN", "The blob isn't known to this repository.", 404)
            : new ContentAnswer.Unit(blob, digest, "application/octet-stream")
            {
                ETag = digest,
                Headers = new Dictionary<string, string>(StringComparer.Ordinal) { ["Docker-Content-Digest"] = digest },
            };
    }
}
