using Pulp.PluginSdk.Contents;
using Pulp.PluginSdk.Files;
using Pulp.PluginSdk.Models;
using Pulp.PluginSdk.Sync;
using PulpContainer.Images;
using PulpContainer.Names;

namespace PulpContainer.Registry;

/// <summary>Keeps blobs that were pushed, until a manifest refers to them.</summary>
internal sealed class BlobStore(IContents contents, PendingBlobs pending, PushedConfigs configs, IStagedUploads uploads)
{
    /// <param name="repository">Where it was pushed to.</param>
    /// <param name="digest">What it must be.</param>
    /// <param name="file">The blob.</param>
    /// <param name="upload">The upload that was begun for it, and that is over with it; null for none.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task KeepAsync(
        Guid repository,
        Digest digest,
        StagedFile file,
        Guid? upload,
        CancellationToken cancellationToken
    )
    {
        // An algorithm that the settings don't allow isn't looked at by whoever receives files.
        CheckAlgorithm(digest, digest.IsSha256 ? file.Sha256 : file.Digest(digest.Algorithm));
        await configs.LookAtAsync(digest, file, cancellationToken);
        await KeepAsync(repository, digest, new DeclaredArtifact(digest.ToString(), file), upload, cancellationToken);
    }

    public Task KeepAsync(Guid repository, Digest digest, Artifact file, CancellationToken cancellationToken)
    {
        CheckAlgorithm(digest, digest.IsSha256 ? file.Sha256 : file.Sha512);
        return KeepAsync(
            repository,
            digest,
            new DeclaredArtifact(digest.ToString(), file),
            upload: null,
            cancellationToken
        );
    }

    private async Task KeepAsync(
        Guid repository,
        Digest digest,
        DeclaredArtifact file,
        Guid? upload,
        CancellationToken cancellationToken
    )
    {
        var name = digest.ToString();
        await contents.SaveAsync(
            [new DeclaredContent(new Blob { Digest = name }, file)],
            from: null,
            async (db, saved, token) =>
            {
                await pending.AddAsync(db, repository, name, saved[0], token);
                if (upload is { } id)
                {
                    await uploads.ForgetEmptyAsync(id, db, token);
                }
            },
            cancellationToken
        );
    }

    private static void CheckAlgorithm(Digest digest, string? found)
    {
        if (found != digest.Hex)
        {
            throw RegistryError.DigestInvalid($"This server doesn't compute digests by {digest.Algorithm}.");
        }
    }
}
