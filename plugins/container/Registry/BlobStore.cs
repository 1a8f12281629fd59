using Pulp.PluginSdk.Contents;
using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Files;
using Pulp.PluginSdk.Sync;
using PulpContainer.Images;
using PulpContainer.Names;

namespace PulpContainer.Registry;

/// <summary>Keeps blobs that were pushed, until a manifest refers to them.</summary>
internal sealed class BlobStore(IContents contents, PendingBlobs pending, PushedConfigs configs)
{
    /// <param name="repository">Where it was pushed to.</param>
    /// <param name="digest">What it must be.</param>
    /// <param name="file">The blob.</param>
    /// <param name="end">Ends its upload, in the transaction that stores it; null where there is nothing to be ended.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task KeepAsync(
        Guid repository,
        Digest digest,
        StagedFile file,
        Func<IDb, CancellationToken, Task>? end,
        CancellationToken cancellationToken
    )
    {
        // An algorithm that the settings don't allow isn't looked at by whoever receives files.
        if ((digest.IsSha256 ? file.Sha256 : file.Digest(digest.Algorithm)) != digest.Hex)
        {
            throw RegistryError.DigestInvalid($"This server doesn't compute digests by {digest.Algorithm}.");
        }

        await configs.LookAtAsync(digest, file, cancellationToken);
        var name = digest.ToString();
        await contents.SaveAsync(
            [new DeclaredContent(new Blob { Digest = name }, new DeclaredArtifact(name, file))],
            from: null,
            async (db, saved, token) =>
            {
                await pending.AddAsync(db, repository, name, saved[0], token);
                await (end?.Invoke(db, token) ?? Task.CompletedTask);
            },
            cancellationToken
        );
    }
}
