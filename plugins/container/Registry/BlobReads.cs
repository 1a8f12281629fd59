using Microsoft.AspNetCore.Http;
using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Models;
using Pulp.PluginSdk.Serving;
using PulpContainer.Distributions;
using PulpContainer.Images;
using PulpContainer.Names;

namespace PulpContainer.Registry;

/// <summary>
/// Answers blobs (OCI distribution specification, "Pulling blobs"): those of the version that is served, and those that were
/// pushed to the repository and that no manifest refers to yet. Blobs of other repositories aren't there.
/// </summary>
internal sealed class BlobReads(IAnswers answers, PendingBlobs pending, IDb db)
{
    /// <summary>What a remembered id takes.</summary>
    private const long Overhead = 64;

    public async Task AnswerAsync(HttpContext context, ServedPath<ContainerDistribution> found, string reference)
    {
        if (!Digest.TryParse(reference, out var digest))
        {
            throw RegistryError.DigestInvalid("This is not a digest, such as sha256: and 64 hex digits.");
        }

        var blob =
            await FindAsync(found.Served, digest.ToString(), context.RequestAborted)
            ?? throw RegistryError.BlobUnknown();
        var answer = new ContentAnswer.Unit(blob, digest.ToString(), MediaTypes.Bytes)
        {
            ETag = digest.ToString(),
            Headers = RegistryHeaders.With(("Docker-Content-Digest", digest.ToString())),
        };
        await answers.SendAsync(context, found.Served, answer, context.RequestAborted);
    }

    /// <summary>The blob that a repository has under a digest; null where it has none.</summary>
    public async ValueTask<Guid?> FindAsync(
        IServedDistribution served,
        string digest,
        CancellationToken cancellationToken
    )
    {
        if (served.Version is not { } version)
        {
            return null;
        }

        var held = await served.RememberAsync(
            "blob " + digest,
            async token => (await InVersionAsync(version, digest, token), Overhead),
            cancellationToken
        );
        return held == Guid.Empty ? await pending.FindAsync(version.RepositoryId, digest, cancellationToken) : held;
    }

    public Task<Guid> InVersionAsync(
        RepositoryVersionRef version,
        string digest,
        CancellationToken cancellationToken
    ) =>
        db.FirstOrDefaultAsync<Guid>(
            $"""
            select d.pulp_id from container_blob d join core_repositorycontent rc on rc.content_id = d.pulp_id
             where d.digest = {digest} and {InVersion.Holds(version)}
            """,
            cancellationToken
        );
}
