using Pulp.PluginSdk.Contents;
using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Files;
using Pulp.PluginSdk.Sync;
using PulpContainer.Images;
using PulpContainer.Names;

namespace PulpContainer.Builds;

/// <summary>Stores an image that lies in a directory.</summary>
internal sealed class BuiltImages(IContents contents, IArtifacts artifacts)
{
    /// <summary>Stores it under a tag, and hands its units on: whoever gets them adds them to a repository.</summary>
    public async Task<T> WithAsync<T>(
        string directory,
        string tag,
        Func<IReadOnlyList<Guid>, CancellationToken, Task<T>> add,
        CancellationToken cancellationToken
    )
    {
        var body = await File.ReadAllBytesAsync(Path.Combine(directory, "manifest.json"), cancellationToken);
        var document = ManifestDocument.Parse(body, MediaTypes.OciManifest);
        var layers = new List<Guid>();
        foreach (var layer in document.Layers.DistinctBy(l => l.Digest))
        {
            layers.Add(await BlobAsync(directory, layer, cancellationToken));
        }

        var config = document.Config ?? throw new ProgramException("The image that was built has no configuration.");
        var manifest = ManifestUnits.Describe(
            document,
            body,
            Digest.Of(body).ToString(),
            await ConfigAsync(directory, config, cancellationToken),
            listed: []
        ) with
        {
            ConfigBlob = await BlobAsync(directory, config, cancellationToken),
        };
        var units = await contents.SaveAsync(
            [ManifestUnits.Declare(manifest, body, layers, listed: [], tags: [tag])],
            from: null,
            cancellationToken
        );
        return await add(units, cancellationToken);
    }

    private async Task<Guid> BlobAsync(string directory, Descriptor descriptor, CancellationToken cancellationToken)
    {
        var digest = DigestOf(descriptor);
        await using var stream = File.OpenRead(Path.Combine(directory, digest.Hex));
        await using var file = await artifacts.StageAsync(stream, digest.Expected, cancellationToken);
        var saved = await contents.SaveAsync(
            [
                new DeclaredContent(
                    new Blob { Digest = descriptor.Digest },
                    new DeclaredArtifact(descriptor.Digest, file)
                ),
            ],
            from: null,
            cancellationToken
        );
        return saved[0];
    }

    private static async Task<ImageConfig> ConfigAsync(
        string directory,
        Descriptor config,
        CancellationToken cancellationToken
    )
    {
        await using var stream = File.OpenRead(Path.Combine(directory, DigestOf(config).Hex));
        return stream.Length > ImageConfig.MostBytes
            ? ImageConfig.None
            : await ImageConfig.ReadAsync(stream, cancellationToken);
    }

    private static Digest DigestOf(Descriptor descriptor) =>
        Digest.TryParse(descriptor.Digest, out var digest)
            ? digest
            : throw new ProgramException("The image that was built has a blob without a digest.");
}
