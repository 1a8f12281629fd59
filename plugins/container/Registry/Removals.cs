using Microsoft.AspNetCore.Http;
using Pulp.PluginSdk.Repositories;
using PulpContainer.Images;
using PulpContainer.Names;

namespace PulpContainer.Registry;

/// <summary>Takes tags, manifests and blobs away (OCI distribution specification, "Content Management").</summary>
internal sealed class Removals(PushTargets targets, PendingBlobs pending, IRepositoryVersions versions)
{
    public async Task ManifestAsync(HttpContext context, string name, string reference)
    {
        var repository = await targets.FindAsync(context, name);
        if (Digest.TryParse(reference, out var digest))
        {
            await versions.ChangeAsync(
                repository,
                (draft, token) => RemoveManifestAsync(draft, digest.ToString(), token),
                context.RequestAborted
            );
        }
        else
        {
            await versions.ChangeAsync(
                repository,
                (draft, token) => RemoveTagAsync(draft, reference, token),
                context.RequestAborted
            );
        }

        Accepted(context);
    }

    public async Task BlobAsync(HttpContext context, string name, string reference)
    {
        var repository = await targets.FindAsync(context, name);
        if (!Digest.TryParse(reference, out var digest))
        {
            throw RegistryError.DigestInvalid("This is not a digest, such as sha256: and 64 hex digits.");
        }

        var wasPending = await pending.RemoveAsync(repository, digest.ToString(), context.RequestAborted);
        await versions.ChangeAsync(
            repository,
            (draft, token) => RemoveBlobAsync(draft, digest.ToString(), wasPending, token),
            context.RequestAborted
        );
        Accepted(context);
    }

    private static async Task RemoveTagAsync(IVersionDraft draft, string tag, CancellationToken cancellationToken)
    {
        var gone = await draft
            .ContentAsync<Tag>($"d.name = {tag}", cancellationToken)
            .FirstOrDefaultAsync(cancellationToken);
        await draft.RemoveAsync([(gone ?? throw RegistryError.ManifestUnknown()).PulpId], cancellationToken);
    }

    /// <summary>Tags go with their manifest. Its blobs stay for a while, for whoever pushes another manifest with them.</summary>
    private async Task RemoveManifestAsync(IVersionDraft draft, string digest, CancellationToken cancellationToken)
    {
        var manifest =
            await draft
                .ContentAsync<Manifest>($"d.digest = {digest}", cancellationToken)
                .FirstOrDefaultAsync(cancellationToken)
            ?? throw RegistryError.ManifestUnknown();
        var id = manifest.PulpId;
        var isListed = await draft.Db.FirstOrDefaultAsync<long>(
            $"""
            select 1 from container_manifest_manifests l
             where l.referred_id = {id} and l.content_id in ({draft.Units}) limit 1
            """,
            cancellationToken
        );
        if (isListed == 1)
        {
            throw RegistryError.Unsupported("An index lists this manifest: remove the index first.");
        }

        var tags = await draft
            .ContentAsync<Tag>($"d.tagged_manifest_id = {id}", cancellationToken)
            .ToListAsync(cancellationToken);
        var signatures = await draft
            .ContentAsync<ManifestSignature>($"d.signed_manifest_id = {id}", cancellationToken)
            .ToListAsync(cancellationToken);
        var blobs = await draft.Db.QueryAsync<Guid>(
            $"""
            select r.referred_id from container_manifest_blobs r where r.content_id = {id}
            union
            select m.config_blob_id from container_manifest m where m.pulp_id = {id} and m.config_blob_id is not null
            """,
            cancellationToken
        );
        await pending.AddOfManifestAsync(draft.Db, draft.Repository, id, cancellationToken);

        // Blobs that other manifests have come back when the version is completed.
        await draft.RemoveAsync(
            [id, .. tags.Select(t => t.PulpId), .. signatures.Select(s => s.PulpId), .. blobs],
            cancellationToken
        );
    }

    private static async Task RemoveBlobAsync(
        IVersionDraft draft,
        string digest,
        bool wasPending,
        CancellationToken cancellationToken
    )
    {
        var blob = await draft
            .ContentAsync<Blob>($"d.digest = {digest}", cancellationToken)
            .FirstOrDefaultAsync(cancellationToken);
        if (blob is null)
        {
            if (!wasPending)
            {
                throw RegistryError.BlobUnknown();
            }

            return;
        }

        var isUsed = await draft.Db.FirstOrDefaultAsync<long>(
            $"""
            select 1 from container_manifest m
             where m.pulp_id in ({draft.Units})
               and (m.config_blob_id = {blob.PulpId}
                    or exists (select 1 from container_manifest_blobs r
                                where r.content_id = m.pulp_id and r.referred_id = {blob.PulpId})) limit 1
            """,
            cancellationToken
        );
        if (isUsed == 1)
        {
            throw RegistryError.Unsupported("A manifest refers to this blob: remove the manifest first.");
        }

        await draft.RemoveAsync([blob.PulpId], cancellationToken);
    }

    private static void Accepted(HttpContext context)
    {
        RegistryHeaders.Add(context.Response.Headers);
        context.Response.StatusCode = StatusCodes.Status202Accepted;
    }
}
