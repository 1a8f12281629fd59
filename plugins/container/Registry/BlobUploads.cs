using System.Globalization;
using Microsoft.AspNetCore.Http;
using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Files;
using PulpContainer.Names;

namespace PulpContainer.Registry;

/// <summary>Takes blobs (OCI distribution specification, "Pushing blobs"): at once, in pieces, or from another repository.</summary>
internal sealed class BlobUploads(
    PushTargets targets,
    BlobMounts mounts,
    BlobStore store,
    PendingBlobs pending,
    UploadIds ids,
    IStagedUploads uploads,
    IArtifacts artifacts
)
{
    /// <summary>Whose an upload is that was cancelled: nobody's.</summary>
    private const string Cancelled = "container cancelled";

    /// <summary>How long an upload is held after its last piece.</summary>
    private static readonly TimeSpan Patience = UploadIds.Patience;

    public async Task BeginAsync(HttpContext context, string name)
    {
        var (request, aborted) = (context.Request, context.RequestAborted);
        var repository = await targets.FindOrMakeAsync(context, name);
        if (request.Query["digest"].FirstOrDefault() is { } given)
        {
            await TakeWholeAsync(context, name, repository, Parse(given), upload: null);
            return;
        }

        if (request.Query["digest-algorithm"].FirstOrDefault() is { } algorithm and not ("sha256" or "sha512"))
        {
            throw RegistryError.DigestInvalid($"The algorithm isn't supported: {algorithm}.");
        }

        if (
            request.Query["mount"].FirstOrDefault() is { } mount
            && Digest.TryParse(mount, out var digest)
            && await mounts.MountAsync(context, repository, digest)
        )
        {
            Created(context, name, digest);
            return;
        }

        await pending.RemoveExpiredAsync(aborted);
        Accepted(context, name, ids.New(repository), size: 0);
    }

    public async Task AppendAsync(HttpContext context, string name, string reference)
    {
        var repository = await targets.FindAsync(context, name);
        var upload = IdOf(reference);
        if (!ids.IsGiven(upload, repository))
        {
            // It may have begun longer ago than ids are valid.
            await FindAsync(context, repository, reference);
        }

        Accepted(context, name, upload, await AddAsync(context, name, repository, upload));
    }

    public async Task CommitAsync(HttpContext context, string name, string reference)
    {
        var digest = Parse(context.Request.Query["digest"].FirstOrDefault());
        var repository = await targets.FindAsync(context, name);
        var upload = await FindAsync(context, repository, reference);
        var hasBody = context.Request.ContentLength != 0;
        if (upload.Size == 0 && (hasBody ? StartOf(context.Request) is null or 0 : !upload.IsHeld))
        {
            if (!hasBody && digest != Digest.Of([], digest.Algorithm))
            {
                // What came in pieces has become a blob already, perhaps in another process, and the client didn't hear of it.
                throw RegistryError.UploadUnknown();
            }

            // All of it comes at once, as from many clients: there are no pieces to be put together.
            await TakeWholeAsync(context, name, repository, digest, upload.IsHeld ? upload.Id : null);
            ids.End(upload.Id);
            return;
        }

        if (hasBody)
        {
            await AddAsync(context, name, repository, upload.Id);
        }

        await using var file = await uploads.TakeAsync(upload.Id, digest.Expected, context.RequestAborted);
        await store.KeepAsync(
            repository,
            digest,
            file,
            (tx, token) => uploads.EndAsync(file, tx, token),
            context.RequestAborted
        );
        ids.End(upload.Id);
        Created(context, name, digest);
    }

    public async Task ShowAsync(HttpContext context, string name, string reference)
    {
        var repository = await targets.FindAsync(context, name);
        var upload = await FindAsync(context, repository, reference);
        Accepted(context, name, upload.Id, upload.Size);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    public async Task CancelAsync(HttpContext context, string name, string reference)
    {
        var repository = await targets.FindAsync(context, name);
        var upload = await FindAsync(context, repository, reference);
        await uploads.CancelAsync(upload.Id, context.RequestAborted);
        // In every process, and for longer than its id tells that it was given out.
        await uploads.BeginAsync(upload.Id, Cancelled, Patience, context.RequestAborted);
        RegistryHeaders.Add(context.Response.Headers);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async Task TakeWholeAsync(HttpContext context, string name, Guid repository, Digest digest, Guid? upload)
    {
        await using var file = await artifacts.StageAsync(
            context.Request.Body,
            digest.Expected,
            context.RequestAborted
        );
        await store.KeepAsync(
            repository,
            digest,
            file,
            upload is { } id ? (tx, token) => uploads.ForgetEmptyAsync(id, tx, token) : null,
            context.RequestAborted
        );
        Created(context, name, digest);
    }

    /// <summary>Adds the request's body, which begins where its <c>Content-Range</c> says.</summary>
    private async Task<long> AddAsync(HttpContext context, string name, Guid repository, Guid upload)
    {
        try
        {
            return await uploads.AppendAsync(
                upload,
                OwnerOf(repository),
                Patience,
                StartOf(context.Request),
                context.Request.Body,
                context.RequestAborted
            );
        }
        catch (UploadRangeException error)
        {
            throw new RegistryError("BLOB_UPLOAD_INVALID", error.Message, StatusCodes.Status416RangeNotSatisfiable)
            {
                Headers = new Dictionary<string, string>(StringComparer.Ordinal)
                {
                    ["Location"] = LocationOf(name, upload),
                    ["Range"] = RangeOf(error.Size),
                },
            };
        }
        catch (NotFoundException)
        {
            throw RegistryError.UploadUnknown();
        }
    }

    /// <summary>Null where the piece says nothing: then it is the next one.</summary>
    private static long? StartOf(HttpRequest request)
    {
        if (request.Headers.ContentRange.FirstOrDefault() is not { Length: > 0 } text)
        {
            return null;
        }

        // Some clients write it as answers have it: bytes 0-9/*.
        var range = text.StartsWith("bytes ", StringComparison.Ordinal) ? text["bytes ".Length..].Split('/')[0] : text;
        if (
            range.Split('-') is not [var first, var last]
            || !long.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var start)
            || !long.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out var end)
            || end < start
        )
        {
            throw new RegistryError("BLOB_UPLOAD_INVALID", "Content-Range is a range of bytes, such as 0-9.", 400);
        }

        return request.ContentLength is { } length && length != end - start + 1
            ? throw new RegistryError("SIZE_INVALID", "Content-Range and Content-Length don't agree.", 400)
            : start;
    }

    private async Task<Upload> FindAsync(HttpContext context, Guid repository, string reference)
    {
        var id = IdOf(reference);
        if (await uploads.FindAsync(id, context.RequestAborted) is { } held)
        {
            return held.Owner == OwnerOf(repository)
                ? new Upload(id, held.Size, IsHeld: true)
                : throw RegistryError.UploadUnknown();
        }

        return ids.IsGiven(id, repository)
            ? new Upload(id, Size: 0, IsHeld: false)
            : throw RegistryError.UploadUnknown();
    }

    private static Guid IdOf(string reference) =>
        Guid.TryParse(reference, out var id) ? id : throw RegistryError.UploadUnknown();

    private static string OwnerOf(Guid repository) => $"container {repository}";

    private static Digest Parse(string? text) =>
        Digest.TryParse(text, out var digest)
            ? digest
            : throw RegistryError.DigestInvalid("A blob has a digest, such as sha256: and 64 hex digits.");

    private static void Accepted(HttpContext context, string name, Guid id, long size)
    {
        RegistryHeaders.Add(context.Response.Headers);
        context.Response.StatusCode = StatusCodes.Status202Accepted;
        context.Response.Headers.Location = LocationOf(name, id);
        context.Response.Headers.Range = RangeOf(size);
        context.Response.Headers["Docker-Upload-UUID"] = id.ToString();
    }

    private static void Created(HttpContext context, string name, Digest digest)
    {
        RegistryHeaders.Add(context.Response.Headers);
        context.Response.StatusCode = StatusCodes.Status201Created;
        context.Response.Headers.Location = $"/v2/{name}/blobs/{digest}";
        context.Response.Headers["Docker-Content-Digest"] = digest.ToString();
    }

    private static string LocationOf(string name, Guid id) => $"/v2/{name}/blobs/uploads/{id}";

    private static string RangeOf(long size) =>
        string.Create(CultureInfo.InvariantCulture, $"0-{Math.Max(0, size - 1)}");

    /// <summary>An upload as it stands.</summary>
    /// <param name="Id">Its id.</param>
    /// <param name="Size">How many bytes have come.</param>
    /// <param name="IsHeld">False where nothing has come, and only its id tells of it.</param>
    private readonly record struct Upload(Guid Id, long Size, bool IsHeld);
}
