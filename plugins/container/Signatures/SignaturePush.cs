using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Pulp.PluginSdk.Contents;
using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Repositories;
using Pulp.PluginSdk.Sync;
using PulpContainer.Images;
using PulpContainer.Names;
using PulpContainer.Registry;

namespace PulpContainer.Signatures;

/// <summary>
/// Takes simple signatures from clients of containers/image: <c>PUT /extensions/v2/{name}/signatures/{digest}</c>, each a version of the
/// repository. They aren't verified; clients do that with keys that they trust.
/// </summary>
internal sealed class SignaturePush(PushTargets targets, IContents contents, IRepositoryVersions versions)
{
    private const int Version = 2;

    public async Task TakeAsync(HttpContext context, string name, string reference)
    {
        var aborted = context.RequestAborted;
        var repository = await targets.FindAsync(context, name);
        var manifest =
            Digest.TryParse(reference, out var digest) && await versions.LatestAsync(repository, aborted) is { } latest
                ? await versions
                    .ContentAsync<Manifest>(latest, $"d.digest = {reference}", aborted)
                    .Select(found => found.PulpId)
                    .FirstOrDefaultAsync(aborted)
                : default;
        if (manifest == default)
        {
            throw RegistryError.ManifestUnknown();
        }

        var signature = await ReadAsync(context.Request, digest, manifest, aborted);
        var units = await contents.SaveAsync([new DeclaredContent(signature)], from: null, aborted);
        await versions.ChangeAsync(repository, (draft, token) => draft.AddAsync(units, token), aborted);
        RegistryHeaders.Add(context.Response.Headers);
        context.Response.StatusCode = StatusCodes.Status201Created;
        context.Response.Headers.Location = $"/extensions/v2/{name}/signatures/{reference}";
    }

    private static async Task<ManifestSignature> ReadAsync(
        HttpRequest request,
        Digest digest,
        Guid manifest,
        CancellationToken cancellationToken
    )
    {
        try
        {
            using var body = await JsonDocument.ParseAsync(request.Body, cancellationToken: cancellationToken);
            var (root, type) = (body.RootElement, body.RootElement.Text("type"));
            if (!root.Member("schemaVersion").TryGetInt32Safe(out var version) || version != Version)
            {
                throw new FormatException("It has another schema version than 2.");
            }

            return type == SimpleSignature.Atomic
                ? SimpleSignature.Read(Convert.FromBase64String(root.Text("content") ?? ""), digest, manifest)
                : throw new FormatException("It has another type than atomic.");
        }
        catch (Exception error) when (error is FormatException or JsonException or InvalidOperationException)
        {
            // The last is a text that is no Unicode.
            throw new RegistryError("SIGNATURE_INVALID", $"The signature isn't taken: {error.Message}", 400);
        }
    }
}
