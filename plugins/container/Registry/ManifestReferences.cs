using Pulp.PluginSdk.Contents;
using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Files;
using Pulp.PluginSdk.Models;
using Pulp.PluginSdk.Repositories;
using PulpContainer.Images;

namespace PulpContainer.Registry;

/// <summary>What a manifest refers to, as far as its repository has it.</summary>
internal sealed record KnownReferences
{
    public Guid? ConfigBlob { get; init; }

    public ImageConfig Config { get; init; } = ImageConfig.None;

    public IReadOnlyCollection<Guid> Layers { get; init; } = [];

    public IReadOnlyCollection<Manifest> Listed { get; init; } = [];
}

/// <summary>Finds what manifests refer to in their own repository: blobs of others aren't there.</summary>
internal sealed class ManifestReferences(
    IRepositoryVersions versions,
    IContents contents,
    IArtifacts artifacts,
    PushedConfigs pushed,
    IDb db
)
{
    /// <exception cref="RegistryError">Something isn't there.</exception>
    public async Task<KnownReferences> ResolveAsync(
        Guid repository,
        ManifestDocument document,
        CancellationToken cancellationToken
    )
    {
        var latest = await versions.LatestAsync(repository, cancellationToken) ?? throw RegistryError.NameUnknown();
        var needed = document.Layers.Where(l => !MediaTypes.IsForeignLayer(l.MediaType)).Select(l => l.Digest);
        string[] digests =
        [
            .. needed.Concat(document.Config is { } c ? [c.Digest] : []).Distinct(StringComparer.Ordinal),
        ];
        var blobs = await BlobsAsync(latest, digests, cancellationToken);
        while (
            digests.Any(d => !blobs.ContainsKey(d))
            && await versions.LatestAsync(repository, cancellationToken) is { } newer
            && newer.Number > latest.Number
        )
        {
            // Another push has taken what was pending into a version of its own.
            latest = newer;
            blobs = await BlobsAsync(latest, digests, cancellationToken);
        }

        Require(digests, blobs.ContainsKey);
        var config = document.Config is { } configuration ? blobs[configuration.Digest] : (Guid?)null;
        return new KnownReferences
        {
            ConfigBlob = config,
            Config = await ConfigAsync(document.Config, config, cancellationToken),
            Listed = await ListedAsync(latest, document, cancellationToken),
            // A layer that needn't be there may be there.
            Layers =
            [
                .. document
                    .Layers.Select(l => blobs.GetValueOrDefault(l.Digest))
                    .Where(id => id != Guid.Empty)
                    .Distinct(),
            ],
        };
    }

    private async Task<Dictionary<string, Guid>> BlobsAsync(
        RepositoryVersionRef version,
        string[] digests,
        CancellationToken cancellationToken
    )
    {
        if (digests.Length == 0)
        {
            return [];
        }

        // Mostly they were pushed just now.
        var pending = await db.QueryAsync<BlobRow>(
            $"""
            select digest, content_id as pulp_id from container_pendingblob
             where repository_id = {version.RepositoryId} and digest in {digests}
            """,
            cancellationToken
        );
        var found = pending.ToDictionary(r => r.Digest, r => r.PulpId, StringComparer.Ordinal);
        string[] others = [.. digests.Where(d => !found.ContainsKey(d))];
        if (others.Length > 0)
        {
            foreach (var blob in await HeldAsync(version, others, cancellationToken))
            {
                found[blob.Digest] = blob.PulpId;
            }
        }

        return found;
    }

    private Task<IReadOnlyList<BlobRow>> HeldAsync(
        RepositoryVersionRef version,
        string[] digests,
        CancellationToken cancellationToken
    ) =>
        db.QueryAsync<BlobRow>(
            $"""
            select d.digest, d.pulp_id from container_blob d
              join core_repositorycontent rc on rc.content_id = d.pulp_id
             where d.digest in {digests} and {InVersion.Holds(version)}
            """,
            cancellationToken
        );

    private async Task<IReadOnlyCollection<Manifest>> ListedAsync(
        RepositoryVersionRef version,
        ManifestDocument document,
        CancellationToken cancellationToken
    )
    {
        string[] digests = [.. document.Manifests.Select(m => m.Digest).Distinct(StringComparer.Ordinal)];
        if (digests.Length == 0)
        {
            return [];
        }

        var found = new Dictionary<string, Manifest>(StringComparer.Ordinal);
        await foreach (
            var manifest in versions.ContentAsync<Manifest>(version, $"d.digest in {digests}", cancellationToken)
        )
        {
            found[manifest.Digest] = manifest;
        }

        Require(digests, found.ContainsKey);
        return found.Values;
    }

    private async Task<ImageConfig> ConfigAsync(Descriptor? config, Guid? blob, CancellationToken cancellationToken)
    {
        if (config is null || blob is not { } id || !ImageConfig.IsConfig(config.MediaType))
        {
            return ImageConfig.None;
        }

        if (pushed.Find(config.Digest) is { } known)
        {
            return known;
        }

        var files = await contents.FilesAsync(id, cancellationToken);
        if (files.Values.FirstOrDefault() is not { Size: <= ImageConfig.MostBytes } file)
        {
            return ImageConfig.None;
        }

        await using var stream = await artifacts.OpenAsync(file, cancellationToken);
        return await ImageConfig.ReadAsync(stream, cancellationToken);
    }

    private static void Require(IEnumerable<string> digests, Func<string, bool> isThere)
    {
        if (digests.FirstOrDefault(d => !isThere(d)) is { } missing)
        {
            throw new RegistryError(
                "MANIFEST_BLOB_UNKNOWN",
                $"The manifest refers to {missing}, which isn't in this repository.",
                404
            );
        }
    }

    private sealed record BlobRow
    {
        public string Digest { get; init; } = "";

        public Guid PulpId { get; init; }
    }
}
