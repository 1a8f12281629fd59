using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Resources;
using Pulp.PluginSdk.Serving;
using Pulp.PluginSdk.Sync;

namespace Pulp.TestPlugins.Images;

/// <summary>The registry's own paths, below <c>/v2/</c>.</summary>
internal sealed class RegistryRoutes(IServed served, IAnswers answers, IDb db)
{
    private const string Blobs = "blobs/";
    private const string MediaType = "application/octet-stream";

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

        var digest = found.Rest[Blobs.Length..];
        var answer =
            await BlobAsync(found.Served, digest, aborted)
            ?? await UpstreamAsync(
                context.RequestServices,
                found.Distribution,
                context.Request.Query["at"].FirstOrDefault() ?? path,
                digest,
                aborted
            )
            ?? throw new RegistryError("BLOB_UNKNOWN", "The blob isn't known to this repository.", 404);
        await answers.SendAsync(context, found.Served, answer, aborted);
    }

    private async Task<ContentAnswer?> BlobAsync(
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
        return blob == Guid.Empty ? null : Tagged(new ContentAnswer.Unit(blob, digest, MediaType), digest);
    }

    private static async Task<ContentAnswer?> UpstreamAsync(
        IServiceProvider services,
        ImageDistribution distribution,
        string path,
        string digest,
        CancellationToken cancellationToken
    )
    {
        var resources = services.GetRequiredService<IResources>();
        if (
            distribution.Remote is not { } id
            || await resources.FindAsync<ImageRemote>(id, cancellationToken) is not { } remote
        )
        {
            return null;
        }

        var file = new DeclaredArtifact(digest, UpstreamUrl.Below(remote.Url, path))
        {
            Sha256 = digest.StartsWith("sha256:", StringComparison.Ordinal) ? digest[7..] : null,
        };
        var declared = new DeclaredContent(new Blob { Digest = digest }, file);
        return Tagged(new ContentAnswer.Upstream(remote, declared, distribution.Repository, MediaType), digest);
    }

    private static ContentAnswer Tagged(ContentAnswer answer, string digest) =>
        answer with
        {
            ETag = digest,
            Headers = new Dictionary<string, string>(StringComparer.Ordinal) { ["Docker-Content-Digest"] = digest },
        };
}
