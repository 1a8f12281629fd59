using Pulp.PluginSdk.Contents;
using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Files;
using Pulp.PluginSdk.Repositories;
using Pulp.PluginSdk.Sync;
using PulpContainer.Images;
using PulpContainer.Names;
using PulpContainer.Registry;
using PulpContainer.Upstreams;

namespace PulpContainer.PullThrough;

/// <summary>
/// Brings manifests into the repositories of caches. Their blobs are fetched when a client asks for them, and the images of an index when a
/// client asks for one: what nobody pulls counts for no rate limit.
/// </summary>
internal sealed class ImageDownloads(IContents contents, IArtifacts artifacts, IRepositoryVersions versions)
{
    /// <param name="upstream">Where it is.</param>
    /// <param name="repository">Where it goes.</param>
    /// <param name="wanted">The manifest, as far as it is known.</param>
    /// <param name="tag">What names it; null for nothing.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>False where upstream hasn't it after all.</returns>
    /// <exception cref="UpstreamException">It can't be had, or isn't one that is taken.</exception>
    /// <exception cref="DigestException">It isn't what its digest says.</exception>
    public async Task<bool> BringAsync(
        CachedUpstream upstream,
        Guid repository,
        UpstreamManifest wanted,
        string? tag,
        CancellationToken cancellationToken
    )
    {
        var fetched = wanted.Body is null
            ? await upstream.Repository.FetchAsync(wanted.Digest.ToString(), cancellationToken)
            : wanted;
        if (fetched is not { Body: { } body })
        {
            return false;
        }

        var document = Read(upstream, fetched, body);
        string[] tags = tag is null ? [] : [tag];
        var declared = document.IsIndex
            ? await IndexAsync(upstream, repository, document, body, fetched.Digest, tags, cancellationToken)
            : await ImageAsync(upstream, document, body, fetched.Digest, tags, cancellationToken);
        var units = await contents.SaveAsync([declared], upstream.Remote, cancellationToken);
        await versions.ChangeAsync(
            repository,
            async (draft, token) =>
            {
                await draft.AddAsync(units, token);
                await ListedManifests.LinkAsync(
                    draft,
                    [fetched.Digest.ToString(), .. document.Manifests.Select(m => m.Digest)],
                    token
                );
            },
            cancellationToken
        );
        return true;
    }

    private static ManifestDocument Read(CachedUpstream upstream, UpstreamManifest fetched, byte[] body)
    {
        try
        {
            return fetched.IsSchema1
                ? throw RegistryError.ManifestInvalid("It has schema version 1, which isn't taken.")
                : ManifestDocument.Parse(body, fetched.MediaType);
        }
        catch (RegistryError error)
        {
            throw new UpstreamException(
                $"{upstream.Repository.Shown}@{fetched.Digest} can't be taken: {error.Message}",
                error
            );
        }
    }

    /// <summary>An index, with those of its images that the repository has already.</summary>
    private async Task<DeclaredContent> IndexAsync(
        CachedUpstream upstream,
        Guid repository,
        ManifestDocument document,
        byte[] body,
        Digest digest,
        IReadOnlyCollection<string> tags,
        CancellationToken cancellationToken
    )
    {
        string[] digests = [.. document.Manifests.Select(m => m.Digest).Distinct(StringComparer.Ordinal)];
        var there = await versions.LatestAsync(repository, cancellationToken) is { } latest
            ? await versions
                .ContentAsync<Manifest>(latest, $"d.digest in {digests}", cancellationToken)
                .ToListAsync(cancellationToken)
            : [];
        var missing = digests.Except(there.Select(m => m.Digest), StringComparer.Ordinal).ToArray();
        var manifest = ManifestUnits.Describe(document, body, digest.ToString(), ImageConfig.None, there);
        var blobs = await BlobsAsync(upstream, document, config: null, cancellationToken);
        return ManifestUnits.Declare(
            manifest,
            body,
            LayersOf(document, blobs),
            [.. there.Select(m => m.PulpId)],
            missing,
            tags
        );
    }

    private async Task<DeclaredContent> ImageAsync(
        CachedUpstream upstream,
        ManifestDocument document,
        byte[] body,
        Digest digest,
        IReadOnlyCollection<string> tags,
        CancellationToken cancellationToken
    )
    {
        await using var config = await ConfigAsync(upstream, document.Config, cancellationToken);
        var blobs = await BlobsAsync(upstream, document, config.File, cancellationToken);
        var manifest = ManifestUnits.Describe(document, body, digest.ToString(), config.Config, []) with
        {
            ConfigBlob = document.Config is null ? null : blobs[document.Config.Digest],
        };
        return ManifestUnits.Declare(manifest, body, LayersOf(document, blobs), [], tags: tags);
    }

    private static Guid[] LayersOf(ManifestDocument document, Dictionary<string, Guid> blobs) =>
        [.. document.Layers.Select(l => blobs.GetValueOrDefault(l.Digest)).Where(id => id != Guid.Empty).Distinct()];

    /// <summary>The blobs of a manifest, stored to be fetched when somebody pulls them: their ids by their digests.</summary>
    private async Task<Dictionary<string, Guid>> BlobsAsync(
        CachedUpstream upstream,
        ManifestDocument document,
        StagedFile? config,
        CancellationToken cancellationToken
    )
    {
        var needed = document
            .Layers.Where(l => !MediaTypes.IsForeignLayer(l.MediaType))
            .Concat(document.Config is { } c ? [c] : [])
            .DistinctBy(d => d.Digest)
            .ToList();
        var blobs = needed.ConvertAll(d => new DeclaredContent(
            new Blob { Digest = d.Digest },
            config is not null && d.Digest == document.Config?.Digest
                ? new DeclaredArtifact(d.Digest, config)
                : upstream.Repository.Declare(d)
        ));
        var saved = await contents.SaveAsync(blobs, upstream.Remote, cancellationToken);
        return needed.Zip(saved).ToDictionary(p => p.First.Digest, p => p.Second, StringComparer.Ordinal);
    }

    /// <summary>Reads an image's configuration, which every client asks for next.</summary>
    private async Task<ReadConfig> ConfigAsync(
        CachedUpstream upstream,
        Descriptor? config,
        CancellationToken cancellationToken
    )
    {
        if (config is null || !ImageConfig.IsConfig(config.MediaType) || config.Size > ImageConfig.MostBytes)
        {
            return new ReadConfig(ImageConfig.None, File: null);
        }

        await using var answer = await upstream.Repository.BlobAsync(config, cancellationToken);
        await using (var stream = answer.Body.Open())
        {
            var read = await ImageConfig.ReadAsync(stream, cancellationToken);
            await using var again = answer.Body.Open();
            return new ReadConfig(read, await artifacts.StageAsync(again, FileExpectation.None, cancellationToken));
        }
    }

    private sealed record ReadConfig(ImageConfig Config, StagedFile? File) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => File?.DisposeAsync() ?? ValueTask.CompletedTask;
    }
}
