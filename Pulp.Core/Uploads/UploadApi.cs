using System.Globalization;
using System.Text.RegularExpressions;
using Pulp.Core.Access;
using Pulp.Core.Artifacts;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.OpenApi;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Platform.Storage;
using Pulp.Core.Tasks;
using Pulp.PluginSdk.Tasks;

namespace Pulp.Core.Uploads;

internal sealed record CommitArgs(Guid Upload, string Sha256);

/// <summary>Makes an artifact of an upload's chunks.</summary>
[PulpTask("pulpcore.app.tasks.upload.commit")]
internal sealed class CommitUpload(Database database, ResourceStore store, UploadChunks chunks, ArtifactStore artifacts)
    : PulpTask<CommitArgs>
{
    public override async Task<object?> RunAsync(
        CommitArgs args,
        ITaskContext task,
        CancellationToken cancellationToken
    )
    {
        var upload =
            await store.FindAsync<Upload>(database, TaskContext.Of(task).Reach, args.Upload, cancellationToken)
            ?? throw new ConflictException("The upload was not found. Nothing to do.");
        await using var file = await chunks.AssembleAsync(upload, cancellationToken);
        if (!string.Equals(file.Digests.Sha256, args.Sha256, StringComparison.OrdinalIgnoreCase))
        {
            throw new DigestException(
                $"The upload was expected to have sha256 {args.Sha256}, it has {file.Digests.Sha256}."
            );
        }

        var artifact = await artifacts.SaveAsync(TaskContext.Of(task).Reach.Domain, file, cancellationToken);
        await chunks.RemoveAsync(upload.PulpId, CancellationToken.None);
        var kind = store.Registry.For<Artifact>();
        task.Created(kind.Href(TaskContext.Of(task).Reach.Scope, artifact.PulpId), kind.Prn(artifact.PulpId));
        // No result: pulp-glue would take one for the answer instead of the created artifact.
        return null;
    }
}

/// <summary>Uploads in chunks: the chunks and the commit; the other operations are the usual ones.</summary>
internal sealed partial class UploadApi(
    ApiOperations operations,
    Database database,
    ResourceStore store,
    ResourceReader reader,
    UploadChunks chunks,
    FileStorage storage,
    TaskDispatcher dispatcher
)
{
    public void Map(ResourceKind kind)
    {
        operations.Schema(
            "UploadChunk",
            Schemas.Of(
                [
                    ("file", Schemas.Binary("A chunk of the uploaded file.")),
                    (
                        "sha256",
                        Schemas.NonEmptyText("The SHA-256 checksum of the chunk if available.").OrNull().WriteOnly()
                    ),
                ],
                "file"
            )
        );
        operations.Schema(
            "UploadChunkResponse",
            Schemas.Of([("offset", Schemas.Integer().ReadOnly()), ("size", Schemas.Integer().ReadOnly())])
        );
        operations.Schema(
            "UploadCommit",
            Schemas.Of([("sha256", Schemas.NonEmptyText("The expected sha256 checksum for the file."))], "sha256")
        );
        var range = Schemas.Text("bytes start-end/total");
        operations.Add(
            kind.OnOne("PUT", "update", kind.Rule("update"), "Upload a file chunk", r => AddAsync(r, kind)) with
            {
                Parameters =
                [
                    new OperationParameter("Content-Range", "header", range, Required: true),
                    ApiOperations.Href(kind),
                ],
                Body = "UploadChunk",
                Forms = BodyForms.FormsOnly,
                MaxRequestBytes = null,
                Responses = ResourceApi.Ok(200, "UploadResponse"),
            }
        );
        operations.Add(
            kind.OnOne("DELETE", "delete", kind.Rule("destroy"), "Delete an upload", r => DeleteAsync(r, kind)) with
            {
                Responses = ResourceApi.Nothing,
            }
        );
        operations.Add(
            kind.Verb(
                "POST",
                "commit",
                kind.Rule("commit", "change"),
                "Finish an upload",
                r => CommitAsync(r, kind)
            ) with
            {
                Body = "UploadCommit",
                MaxRequestBytes = 1024 * 1024,
                Responses = ResourceApi.SendsTask,
            }
        );
    }

    private async Task<Upload> FindAsync(AdmittedRequest request, ResourceKind kind) =>
        await store.FindAsync<Upload>(database, request.Reach, request.Id, request.RequestAborted)
        ?? throw ResourceChanges.NotFound(kind);

    private async Task AddAsync(AdmittedRequest request, ResourceKind kind)
    {
        var upload = await FindAsync(request, kind);
        var (start, end, total) = ReadRange(request.Request.Headers.ContentRange.ToString());
        var errors = new ValidationErrors();
        if (end >= upload.Size || (total is { } said && said != upload.Size))
        {
            errors.Add($"The range exceeds or contradicts the upload's size of {upload.Size} bytes.");
            errors.ThrowIfAny();
        }

        await using var body = await RequestBody.ReadAsync(request, storage.Parts, request.RequestAborted);
        RequestFields.RefuseUnknown(body, ["file", "sha256"], errors);
        var sha256 = RequestFields.Text(body, "sha256", errors);
        if (body.File("file") is not TemporaryFile file)
        {
            errors.Add(
                "file",
                body.TryGet("file", out _) ? "The submitted data was not a file." : "No file was submitted."
            );
            errors.ThrowIfAny();
            return;
        }

        if (file.Size != end - start + 1)
        {
            errors.Add($"The chunk has {file.Size} bytes, its range says {end - start + 1}.");
        }

        errors.ThrowIfAny();
        if (sha256 is not null && !string.Equals(sha256, file.Digests.Sha256, StringComparison.OrdinalIgnoreCase))
        {
            throw new FieldlessException("Checksum does not match chunk upload.");
        }

        await chunks.AddAsync(upload.PulpId, start, file, request.RequestAborted);
        var json =
            await reader.FindAsync(kind, request.WholeReach, upload.PulpId, CancellationToken.None)
            ?? throw ResourceChanges.NotFound(kind);
        await request.Response.JsonAsync(200, json);
    }

    private async Task DeleteAsync(AdmittedRequest request, ResourceKind kind)
    {
        if (!await chunks.RemoveAsync(request.Id, request.RequestAborted))
        {
            throw ResourceChanges.NotFound(kind);
        }

        request.Response.StatusCode = 204;
    }

    private async Task CommitAsync(AdmittedRequest request, ResourceKind kind)
    {
        var upload = await FindAsync(request, kind);
        await using var body = await RequestBody.ReadAsync(request, files: null, request.RequestAborted);
        var errors = new ValidationErrors();
        RequestFields.RefuseUnknown(body, ["sha256"], errors);
        var sha256 = RequestFields.Text(body, "sha256", errors, required: true);
        errors.ThrowIfAny();
        var task = await dispatcher.SendAsync<CommitUpload, CommitArgs>(
            new CommitArgs(upload.PulpId, sha256 ?? ""),
            new DispatchOptions().Exclusive(kind.Prn(upload.PulpId)),
            request.Origin,
            request.RequestAborted
        );
        await request.Response.TaskAsync(task);
    }

    private static (long Start, long End, long? Total) ReadRange(string header)
    {
        var match = Range().Match(header);
        if (
            match.Success
            && long.TryParse(match.Groups["start"].Value, CultureInfo.InvariantCulture, out var start)
            && long.TryParse(match.Groups["end"].Value, CultureInfo.InvariantCulture, out var end)
            && end >= start
        )
        {
            return (
                start,
                end,
                long.TryParse(match.Groups["total"].Value, CultureInfo.InvariantCulture, out var total) ? total : null
            );
        }

        throw new ValidationException(
            ValidationErrors.NonField,
            "Invalid Content-Range header. Use: bytes <start>-<end>/<total>"
        );
    }

    [GeneratedRegex(@"^bytes (?<start>\d{1,18})-(?<end>\d{1,18})/(?<total>\d{1,18}|\*)$", RegexOptions.ExplicitCapture)]
    private static partial Regex Range();
}
