using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Pulp.PluginSdk.Contents;
using Pulp.PluginSdk.Files;
using Pulp.PluginSdk.Models;
using Pulp.PluginSdk.Repositories;
using Pulp.PluginSdk.Sync;

namespace Pulp.TestPlugins.Images;

/// <summary>A protocol of its own for uploads: blobs, then a manifest under a tag, which makes a version of the repository.</summary>
internal static class PushRoutes
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("blobs", SaveBlobAsync);
        UploadRoutes.Map(routes);
        HoldTask.Map(routes);
        routes.MapPut("{repository:guid}/manifests/{tag}", PutManifestAsync);
        routes.MapDelete("{repository:guid}/manifests/{tag}", DeleteTagAsync);
        routes.MapGet("{repository:guid}/tags", ListTagsAsync);
        routes.MapPost("{domain}/blobs", SaveBlobAsync);
        routes.MapPut("{domain}/{repository:guid}/blobs/{blob:guid}", AddBlobAsync);
    }

    private static async Task<IResult> SaveBlobAsync(
        HttpRequest request,
        IArtifacts artifacts,
        IContents contents,
        CancellationToken cancellationToken
    )
    {
        var expected = new FileExpectation { Sha256 = request.Query["sha256"], MaxSize = 1024 * 1024 };
        await using var file = await artifacts.StageAsync(request.Body, expected, cancellationToken);
        var digest = "sha256:" + file.Sha256;
        var saved = await contents.SaveAsync(
            [
                new DeclaredContent(
                    new Blob { Digest = digest },
                    new DeclaredArtifact(request.Query["name"].FirstOrDefault() ?? digest, file)
                ),
            ],
            from: null,
            cancellationToken
        );
        return Results.Json(new { id = saved[0], digest });
    }

    /// <summary>The manifest's body is one blob's digest a line.</summary>
    private static async Task<IResult> PutManifestAsync(
        Guid repository,
        string tag,
        HttpRequest request,
        IArtifacts artifacts,
        IContents contents,
        IRepositoryVersions versions,
        CancellationToken cancellationToken
    )
    {
        await using var file = await artifacts.StageAsync(request.Body, FileExpectation.None, cancellationToken);
        using var reader = new StreamReader(file.OpenRead(), Encoding.UTF8);
        var digests = (await reader.ReadToEndAsync(cancellationToken)).Split(
            '\n',
            StringSplitOptions.RemoveEmptyEntries
        );
        var blobs = new List<Guid>();
        await foreach (var blob in contents.FindAsync<Blob>($"d.digest in {digests}", cancellationToken))
        {
            blobs.Add(blob.PulpId);
        }

        HoldTask.Comes(repository);
        var version = await versions.ChangeAsync(
            repository,
            async (draft, token) =>
            {
                var digest = "sha256:" + file.Sha256;
                var manifest = new DeclaredContent(
                    new Manifest { Digest = digest, MediaType = "text/plain" },
                    new DeclaredArtifact(digest, file)
                )
                {
                    References = new Dictionary<string, IReadOnlyCollection<Guid>> { ["blobs"] = blobs },
                };
                var saved = await draft.AddAsync([manifest], token);
                await draft.AddAsync([new DeclaredContent(new Tag { Name = tag, TaggedManifest = saved[0] })], token);
            },
            cancellationToken
        );
        return Results.Json(new { version = version?.Number });
    }

    private static async Task<IResult> AddBlobAsync(
        Guid repository,
        Guid blob,
        IRepositoryVersions versions,
        CancellationToken cancellationToken
    )
    {
        var version = await versions.ChangeAsync(
            repository,
            (draft, _) =>
            {
                draft.AddAtEnd([blob]);
                return Task.CompletedTask;
            },
            cancellationToken
        );
        return Results.Json(new { version = version?.Number });
    }

    private static async Task<IResult> DeleteTagAsync(
        Guid repository,
        string tag,
        IRepositoryVersions versions,
        CancellationToken cancellationToken
    )
    {
        var version = await versions.ChangeAsync(
            repository,
            async (draft, token) =>
            {
                var gone = new List<Guid>();
                await foreach (var one in draft.ContentAsync<Tag>($"d.name = {tag}", token))
                {
                    gone.Add(one.PulpId);
                }

                await draft.RemoveWithReferencesAsync(gone, token);
            },
            cancellationToken
        );
        return Results.Json(new { version = version?.Number });
    }

    private static async Task<IResult> ListTagsAsync(
        Guid repository,
        IRepositoryVersions versions,
        CancellationToken cancellationToken
    )
    {
        var latest = await versions.LatestAsync(repository, cancellationToken);
        var tags = new List<string>();
        if (latest is not null)
        {
            await foreach (var tag in versions.ContentAsync<Tag>(latest, where: null, cancellationToken))
            {
                tags.Add(tag.Name);
            }
        }

        return latest is null ? Results.NotFound() : Results.Json(new { tags });
    }
}
