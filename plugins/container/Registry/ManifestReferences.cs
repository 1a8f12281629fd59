using Pulp.PluginSdk.Contents;
using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Files;
using Pulp.PluginSdk.Models;
using Pulp.PluginSdk.Repositories;
using Pulp.PluginSdk.Serving;
using PulpContainer.Distributions;
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
    IServed served,
    IRepositoryVersions versions,
    IContents contents,
    IArtifacts artifacts,
    PushedConfigs pushed,
    IDb db
)
{
    /// <param name="name">The name that is pushed to.</param>
    /// <param name="repository">Its repository.</param>
    /// <param name="document">The manifest.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="RegistryError">Something isn't there.</exception>
    public async Task<KnownReferences> ResolveAsync(
        string name,
        Guid repository,
        ManifestDocument document,
        CancellationToken cancellationToken
    )
    {
        var version =
            await ServedAsync(name, repository, cancellationToken)
            ?? await versions.LatestAsync(repository, cancellationToken)
            ?? throw RegistryError.NameUnknown();
        var (known, missing) = await FindAsync(version, document, cancellationToken);
        while (
            missing is not null
            && await versions.LatestAsync(repository, cancellationToken) is { } newer
            && newer.Number > version.Number
        )
        {
            // Another push has taken what was pending into a version of its own, or one to another process has brought it.
            version = newer;
            (known, missing) = await FindAsync(version, document, cancellationToken);
        }

        return missing is null
            ? known
            : throw new RegistryError(
                "MANIFEST_BLOB_UNKNOWN",
                $"The manifest refers to {missing}, which isn't in this repository.",
                404
            );
    }

    /// <summary>
    /// The version that is served under the name, known without asking the database; it may be older than the latest. What isn't in it
    /// is looked for in that one, and what has been removed from that one isn't found: it would come back with what refers to it.
    /// </summary>
    private async ValueTask<RepositoryVersionRef?> ServedAsync(
        string name,
        Guid repository,
        CancellationToken cancellationToken
    ) =>
        await served.FindAsync<ContainerDistribution>(name, cancellationToken)
            is { Rest.Length: 0, Served.Version: { } version }
        && version.RepositoryId == repository
            ? version
            : null;

    /// <summary>What a version has of it, and the first that it hasn't.</summary>
    private async Task<(KnownReferences Known, string? Missing)> FindAsync(
        RepositoryVersionRef version,
        ManifestDocument document,
        CancellationToken cancellationToken
    )
    {
        var needed = document.Layers.Where(l => !MediaTypes.IsForeignLayer(l.MediaType)).Select(l => l.Digest);
        string[] digests =
        [
            .. needed.Concat(document.Config is { } c ? [c.Digest] : []).Distinct(StringComparer.Ordinal),
        ];
        var blobs = await BlobsAsync(version, digests, cancellationToken);
        string[] listed = [.. document.Manifests.Select(m => m.Digest).Distinct(StringComparer.Ordinal)];
        var manifests = await ListedAsync(version, listed, cancellationToken);
        var missing =
            Array.Find(digests, d => !blobs.ContainsKey(d)) ?? Array.Find(listed, d => !manifests.ContainsKey(d));
        if (missing is not null)
        {
            return (new KnownReferences(), missing);
        }

        var config = document.Config is { } configuration ? blobs[configuration.Digest] : (Guid?)null;
        var known = new KnownReferences
        {
            ConfigBlob = config,
            Config = await ConfigAsync(document.Config, config, cancellationToken),
            Listed = manifests.Values,
            // A layer that needn't be there may be there.
            Layers =
            [
                .. document
                    .Layers.Select(l => blobs.GetValueOrDefault(l.Digest))
                    .Where(id => id != Guid.Empty)
                    .Distinct(),
            ],
        };
        return (known, null);
    }

    /// <summary>Blobs by digest: those that were pushed just now, as mostly, and those that the version holds.</summary>
    private async Task<Dictionary<string, Guid>> BlobsAsync(
        RepositoryVersionRef version,
        string[] digests,
        CancellationToken cancellationToken
    )
    {
        var blobs = new Dictionary<string, Guid>(StringComparer.Ordinal);
        if (digests.Length > 0)
        {
            var found = await db.QueryAsync<BlobRow>(
                $"""
                select digest, content_id as pulp_id from container_pendingblob
                 where repository_id = {version.RepositoryId} and digest in {digests}
                union all
                select d.digest, d.pulp_id from container_blob d
                  join core_repositorycontent rc on rc.content_id = d.pulp_id
                 where d.digest in {digests} and {InVersion.StillHolds(version)}
                """,
                cancellationToken
            );
            foreach (var blob in found)
            {
                blobs[blob.Digest] = blob.PulpId;
            }
        }

        return blobs;
    }

    private async Task<Dictionary<string, Manifest>> ListedAsync(
        RepositoryVersionRef version,
        string[] digests,
        CancellationToken cancellationToken
    )
    {
        var found = new Dictionary<string, Manifest>(StringComparer.Ordinal);
        if (digests.Length > 0)
        {
            SqlText wanted = $"""
                d.digest in {digests} and exists (
                    select 1 from core_repositorycontent rc
                     where rc.content_id = d.pulp_id and {InVersion.StillHolds(version)})
                """;
            await foreach (var manifest in versions.ContentAsync<Manifest>(version, wanted, cancellationToken))
            {
                found[manifest.Digest] = manifest;
            }
        }

        return found;
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

    private sealed record BlobRow
    {
        public string Digest { get; init; } = "";

        public Guid PulpId { get; init; }
    }
}
