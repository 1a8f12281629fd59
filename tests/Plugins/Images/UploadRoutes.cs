using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Pulp.PluginSdk.Contents;
using Pulp.PluginSdk.Files;
using Pulp.PluginSdk.Sync;

namespace Pulp.TestPlugins.Images;

/// <summary>Blobs in pieces, as a registry takes them (OCI distribution specification, "Pushing a blob in chunks").</summary>
internal static class UploadRoutes
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost(
            "uploads",
            async (string owner, int seconds, IStagedUploads uploads, CancellationToken cancellationToken) =>
                Results.Json(
                    new { id = await uploads.BeginAsync(owner, TimeSpan.FromSeconds(seconds), cancellationToken) }
                )
        );
        routes.MapGet(
            "uploads/{id:guid}",
            async (Guid id, IStagedUploads uploads, CancellationToken cancellationToken) =>
                await uploads.FindAsync(id, cancellationToken) is { } upload
                    ? Results.Json(new { upload.Owner, upload.Size })
                    : Results.NotFound()
        );
        routes.MapPatch("uploads/{id:guid}", AppendAsync);
        routes.MapPut("uploads/{id:guid}", CommitAsync);
        routes.MapDelete(
            "uploads/{id:guid}",
            (Guid id, IStagedUploads uploads, CancellationToken cancellationToken) =>
                uploads.CancelAsync(id, cancellationToken)
        );
    }

    private static async Task<IResult> AppendAsync(
        Guid id,
        HttpRequest request,
        IStagedUploads uploads,
        CancellationToken cancellationToken
    )
    {
        long? from = long.TryParse(request.Query["from"], NumberStyles.None, CultureInfo.InvariantCulture, out var at)
            ? at
            : null;
        // With an owner, the first piece begins it.
        var size = request.Query["owner"].FirstOrDefault() is { } owner
            ? await uploads.AppendAsync(id, owner, TimeSpan.FromHours(1), from, request.Body, cancellationToken)
            : await uploads.AppendAsync(id, from, request.Body, cancellationToken);
        return Results.Json(new { size });
    }

    private static async Task<IResult> CommitAsync(
        Guid id,
        string digest,
        bool? together,
        IStagedUploads uploads,
        IContents contents,
        CancellationToken cancellationToken
    )
    {
        var expected = new FileExpectation { Sha256 = digest["sha256:".Length..] };
        if (together == true)
        {
            await using var file = await uploads.TakeAsync(id, expected, cancellationToken);
            var stored = await contents.SaveAsync(
                [new DeclaredContent(new Blob { Digest = digest }, new DeclaredArtifact(digest, file))],
                from: null,
                (tx, _, token) => uploads.EndAsync(file, tx, token),
                cancellationToken
            );
            return Results.Json(new { id = stored[0] });
        }

        var artifact = await uploads.CommitAsync(id, expected, cancellationToken);
        var saved = await contents.SaveAsync(
            [new DeclaredContent(new Blob { Digest = digest }, new DeclaredArtifact(digest, artifact))],
            from: null,
            cancellationToken
        );
        return Results.Json(new { id = saved[0] });
    }
}
