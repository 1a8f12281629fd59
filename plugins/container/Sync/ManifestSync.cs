using System.Collections.Concurrent;
using System.Threading.Channels;
using Pulp.PluginSdk.Contents;
using Pulp.PluginSdk.Sync;
using PulpContainer.Images;
using PulpContainer.Names;
using PulpContainer.Registry;
using PulpContainer.Remotes;
using PulpContainer.Repositories;
using PulpContainer.Upstreams;

namespace PulpContainer.Sync;

/// <summary>
/// Declares manifests with all they refer to, each once in a sync. One that is stored already, whoever brought it, isn't fetched again: so
/// a sync that broke off goes on where it was.
/// </summary>
/// <param name="sync">The sync.</param>
/// <param name="upstream">Where they are.</param>
/// <param name="signatures">Takes those of each.</param>
/// <param name="contents">Finds what is stored.</param>
/// <param name="units">Takes what is declared.</param>
/// <param name="stopped">The sync has ended. What several wait for doesn't end with one of them.</param>
internal sealed class ManifestSync(
    SyncContext<ContainerRepository, ContainerRemote> sync,
    UpstreamRepository upstream,
    SignatureSync signatures,
    IContents contents,
    ChannelWriter<DeclaredContent> units,
    CancellationToken stopped
)
{
    /// <summary>Indexes list images, and hardly ever indexes.</summary>
    private const int MostLevels = 8;

    private const int ListedAtOnce = 16;

    private readonly ConcurrentDictionary<string, Lazy<Task<Manifest?>>> _manifests = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Lazy<Task<Guid>>> _blobs = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _prefixes = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<Digest> _taken = [];

    /// <summary>Whether any was taken.</summary>
    public bool Any => !_prefixes.IsEmpty;

    /// <summary>Whether the manifest was taken to which tags with this prefix belong.</summary>
    public bool HasTaken(string prefix) => _prefixes.ContainsKey(prefix);

    /// <summary>Those that were taken since this was asked last.</summary>
    public IReadOnlyList<Digest> DrainTaken()
    {
        var taken = new List<Digest>();
        while (_taken.TryDequeue(out var digest))
        {
            taken.Add(digest);
        }

        return taken;
    }

    /// <summary>Takes a manifest; null where it isn't there or isn't taken, which is told.</summary>
    public Task<Manifest?> TakeAsync(UpstreamManifest wanted, CancellationToken cancellationToken) =>
        TakeAsync(wanted, level: 1).WaitAsync(cancellationToken);

    private Task<Manifest?> TakeAsync(UpstreamManifest wanted, int level) =>
        _manifests
            .GetOrAdd(
                wanted.Digest.ToString(),
                _ => new Lazy<Task<Manifest?>>(() => DeclareAsync(wanted, level, stopped))
            )
            .Value;

    private async Task<Manifest?> DeclareAsync(UpstreamManifest wanted, int level, CancellationToken cancellationToken)
    {
        var (known, body, type) = await FindAsync(wanted, cancellationToken);
        if (body is null)
        {
            sync.Task.Warn("container.manifest_missing", $"{upstream.Shown} has no manifest {wanted.Digest}.");
            return null;
        }

        if (Read(wanted.Digest, body, type, level) is not { } document)
        {
            return null;
        }

        var listed = await ListedAsync(document, level, cancellationToken);
        var (config, described) = await ConfigAsync(document.Config, isKnown: known is not null, cancellationToken);
        var layers = await LayersAsync(document, cancellationToken);
        var manifest =
            known
            ?? ManifestUnits.Describe(document, body, wanted.Digest.ToString(), described, listed) with
            {
                ConfigBlob = config,
            };
        var declared = ManifestUnits.Declare(manifest, body, layers, [.. listed.Select(m => m.PulpId)]);
        await units.WriteAsync(declared, cancellationToken);
        var id = await declared.SavedAsync().WaitAsync(cancellationToken);
        _prefixes[CompanionTags.PrefixOf(wanted.Digest)] = true;
        _taken.Enqueue(wanted.Digest);
        await signatures.TakeAsync(wanted.Digest, id, cancellationToken);

        // It is held until the sync ends: without what may be large.
        return manifest with
        {
            PulpId = id,
            Annotations = "{}",
            Labels = "{}",
        };
    }

    /// <summary>The manifest as it is stored here, or its bytes from upstream.</summary>
    private async Task<(Manifest? Known, byte[]? Body, string MediaType)> FindAsync(
        UpstreamManifest wanted,
        CancellationToken cancellationToken
    )
    {
        var digest = wanted.Digest.ToString();
        var known = await contents
            .FindAsync<Manifest>($"d.digest = {digest}", cancellationToken)
            .FirstOrDefaultAsync(cancellationToken);
        if (
            known is not null
            && await ManifestBodies.FindAsync(sync.Task.Db, known.PulpId, cancellationToken) is { } body
        )
        {
            return (known, body, known.MediaType);
        }

        var fetched = wanted.Body is null ? await upstream.FetchAsync(digest, cancellationToken) : wanted;
        return (null, fetched?.Body, fetched?.MediaType ?? "");
    }

    /// <summary>Null for what isn't taken, which is told: one odd image keeps nobody from the others.</summary>
    private ManifestDocument? Read(Digest digest, byte[] body, string mediaType, int level)
    {
        try
        {
            return new UpstreamManifest(digest, mediaType, body).IsSchema1
                    ? throw RegistryError.ManifestInvalid("It has schema version 1, which isn't taken.")
                : level > MostLevels
                    ? throw RegistryError.ManifestInvalid("It is listed by too many indexes, one in another.")
                : ManifestDocument.Parse(body, mediaType);
        }
        catch (RegistryError error)
        {
            sync.Task.Warn("container.manifest_refused", $"{upstream.Shown}@{digest} is left out: {error.Message}");
            return null;
        }
    }

    /// <summary>What an index lists, as far as upstream has it.</summary>
    private async Task<IReadOnlyList<Manifest>> ListedAsync(
        ManifestDocument document,
        int level,
        CancellationToken cancellationToken
    )
    {
        var listed = new List<Manifest>();
        foreach (var chunk in document.Manifests.DistinctBy(m => m.Digest).Chunk(ListedAtOnce))
        {
            var taken = await Task.WhenAll(chunk.Select(d => TakeAsync(Wanted(d), level + 1)))
                .WaitAsync(cancellationToken);
            listed.AddRange(taken.OfType<Manifest>());
        }

        return listed;
    }

    private static UpstreamManifest Wanted(Descriptor descriptor) =>
        new(Digest.TryParse(descriptor.Digest, out var digest) ? digest : default, descriptor.MediaType, Body: null);

    private async Task<IReadOnlyCollection<Guid>> LayersAsync(
        ManifestDocument document,
        CancellationToken cancellationToken
    )
    {
        var layers = new List<Task<Guid>>();
        // A layer that registries needn't hold isn't at this one either.
        foreach (var layer in document.Layers.Where(l => !MediaTypes.IsForeignLayer(l.MediaType)))
        {
            layers.Add(BlobAsync(layer, file: null));
        }

        return [.. (await Task.WhenAll(layers).WaitAsync(cancellationToken)).Distinct()];
    }

    /// <summary>The configuration; of an image it is read, and so it is here whatever the remote's policy.</summary>
    private async Task<(Guid? Blob, ImageConfig Config)> ConfigAsync(
        Descriptor? config,
        bool isKnown,
        CancellationToken cancellationToken
    )
    {
        if (config is null)
        {
            return (null, ImageConfig.None);
        }

        if (isKnown || !ImageConfig.IsConfig(config.MediaType) || config.Size > ImageConfig.MostBytes)
        {
            return (await BlobAsync(config, file: null), ImageConfig.None);
        }

        await using var answer = await upstream.BlobAsync(config, cancellationToken);
        var id = await BlobAsync(config, answer.Body);
        await using var stream = answer.Body.Open();
        return (id, await ImageConfig.ReadAsync(stream, cancellationToken));
    }

    /// <summary>Declares a blob, once, and answers its id when it is stored.</summary>
    private Task<Guid> BlobAsync(Descriptor descriptor, FetchedFile? file) =>
        _blobs
            .GetOrAdd(
                descriptor.Digest,
                _ => new Lazy<Task<Guid>>(async () =>
                {
                    var blob = new DeclaredContent(
                        new Blob { Digest = descriptor.Digest },
                        file is null ? upstream.Declare(descriptor) : new DeclaredArtifact(descriptor.Digest, file)
                    );
                    await units.WriteAsync(blob, stopped);
                    return await blob.SavedAsync().WaitAsync(stopped);
                })
            )
            .Value;
}
