using Microsoft.AspNetCore.Http;
using Pulp.PluginSdk.Contents;
using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Repositories;
using Pulp.PluginSdk.Sync;
using PulpContainer.Images;
using PulpContainer.Names;

namespace PulpContainer.Registry;

/// <summary>Takes manifests (OCI distribution specification, "Pushing Manifests"): each is a new version of the repository.</summary>
internal sealed class ManifestPush(
    PushTargets targets,
    ManifestReferences references,
    IContents contents,
    IRepositoryVersions versions
)
{
    /// <summary>More tags at once than anybody sends, "at least 10".</summary>
    private const int MostTags = 100;

    public async Task TakeAsync(HttpContext context, string name, string reference)
    {
        var aborted = context.RequestAborted;
        var isDigest = Digest.TryParse(reference, out var digest);
        var tags = TagsOf(context.Request, reference, isDigest);
        var repository = await targets.FindOrMakeAsync(context, name);
        var body = await ReadAsync(context.Request, aborted);
        var found = Digest.Of(body, isDigest ? digest.Algorithm : Digest.Sha256);
        if (isDigest && found != digest)
        {
            throw RegistryError.DigestInvalid($"The manifest that came has the digest {found}.");
        }

        var document = ManifestDocument.Parse(body, context.Request.ContentType ?? "");
        var known = await references.ResolveAsync(name, repository, document, aborted);
        var manifest = ManifestUnits.Describe(document, body, found.ToString(), known.Config, known.Listed) with
        {
            ConfigBlob = known.ConfigBlob,
        };
        // Before the repository is taken: of those who push to one at the same time nobody waits for another's units.
        var units = await contents.SaveAheadAsync(
            [ManifestUnits.Declare(manifest, body, known.Layers, [.. known.Listed.Select(m => m.PulpId)], tags: tags)],
            from: null,
            aborted
        );
        Guid[] blobs = [.. known.Layers.Union(known.ConfigBlob is { } config ? [config] : [])];
        await versions.ChangeAsync(
            repository,
            async (draft, token) =>
            {
                // The blobs would come by themselves, but only after everything that came was searched for what it refers to.
                draft.AddAtEnd([.. units, .. blobs]);
                // From here on the manifest holds them.
                await draft.ExecuteAtEndAsync(
                    $"delete from container_pendingblob where repository_id = {repository} and content_id in {blobs}",
                    token
                );
            },
            aborted
        );
        Answer(context, name, isDigest ? found.ToString() : reference, found, document, isDigest ? tags : []);
    }

    private static void Answer(
        HttpContext context,
        string name,
        string reference,
        Digest digest,
        ManifestDocument document,
        IReadOnlyCollection<string> tags
    )
    {
        var headers = context.Response.Headers;
        RegistryHeaders.Add(headers);
        context.Response.StatusCode = StatusCodes.Status201Created;
        headers.Location = $"/v2/{name}/manifests/{reference}";
        headers["Docker-Content-Digest"] = digest.ToString();
        if (document.Subject is { } subject)
        {
            headers["OCI-Subject"] = subject;
        }

        if (tags.Count > 0)
        {
            headers["OCI-Tag"] = string.Join(", ", tags);
        }
    }

    private static List<string> TagsOf(HttpRequest request, string reference, bool isDigest)
    {
        List<string> tags = isDigest
            ? [.. request.Query["tag"].OfType<string>().Distinct(StringComparer.Ordinal)]
            : [reference];
        if (tags.Count > MostTags)
        {
            throw RegistryError.Unsupported("These are too many tags at once.", StatusCodes.Status414UriTooLong);
        }

        return tags.Find(t => !ImageName.IsTag(t)) is { } wrong
            ? throw RegistryError.ManifestInvalid(
                $"'{(wrong.Length > 150 ? wrong[..150] : wrong)}' is neither a tag nor a digest."
            )
            : tags;
    }

    private static async Task<byte[]> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentLength > ManifestBodies.MostBytes)
        {
            throw new FileTooLargeException(ManifestBodies.MostBytes);
        }

        using var body = new MemoryStream((int)(request.ContentLength ?? 4096));
        var chunk = new byte[16 * 1024];
        int read;
        while ((read = await request.Body.ReadAsync(chunk, cancellationToken)) > 0)
        {
            if (body.Length + read > ManifestBodies.MostBytes)
            {
                throw new FileTooLargeException(ManifestBodies.MostBytes);
            }

            await body.WriteAsync(chunk.AsMemory(0, read), cancellationToken);
        }

        return body.ToArray();
    }
}
