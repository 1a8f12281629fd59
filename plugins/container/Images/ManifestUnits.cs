using System.Text.Json;
using Pulp.PluginSdk.Models;
using Pulp.PluginSdk.Sync;

namespace PulpContainer.Images;

/// <summary>Makes units of manifests.</summary>
internal static class ManifestUnits
{
    /// <param name="document">The manifest, read.</param>
    /// <param name="body">Its bytes.</param>
    /// <param name="digest">Its digest.</param>
    /// <param name="config">What its configuration tells.</param>
    /// <param name="listed">Of an index: the manifests that it lists and the repository has.</param>
    public static Manifest Describe(
        ManifestDocument document,
        ReadOnlyMemory<byte> body,
        string digest,
        ImageConfig config,
        IReadOnlyCollection<Manifest> listed
    )
    {
        var type = TypeOf(document, config);
        return new Manifest
        {
            Digest = digest,
            MediaType = document.MediaType,
            Annotations = JsonSerializer.Serialize(document.Annotations),
            Labels = JsonSerializer.Serialize(config.Labels),
            Type = type,
            IsBootable = type == ManifestTypes.Bootable || listed.Any(m => m.IsBootable),
            IsFlatpak = type == ManifestTypes.Flatpak || listed.Any(m => m.IsFlatpak),
            Architecture = config.Architecture,
            Os = config.Os,
            CompressedImageSize = document.IsIndex ? null : Sum(document.Layers),
            Subject = document.Subject,
            ArtifactType = document.ArtifactType,
            Size = body.Length,
        };
    }

    /// <summary>The unit with its references and its bytes; of an index also the digests that it lists and that aren't here, and its tags.</summary>
    public static DeclaredContent Declare(
        Manifest manifest,
        byte[] body,
        IReadOnlyCollection<Guid> layers,
        IReadOnlyCollection<Guid> listed,
        IReadOnlyCollection<string>? missing = null,
        IReadOnlyCollection<string>? tags = null
    ) =>
        new(manifest)
        {
            References = new Dictionary<string, IReadOnlyCollection<Guid>>(StringComparer.Ordinal)
            {
                ["blobs"] = layers,
                ["listed_manifests"] = listed,
            },
            Followers = tags is null
                ? null
                : id => [.. tags.Select(t => new DeclaredContent(new Tag { Name = t, TaggedManifest = id }))],
            AlsoSave = async (db, id, token) =>
            {
                await ManifestBodies.SaveAsync(db, id, body, token);
                if (missing is { Count: > 0 })
                {
                    await ListedManifests.NoteMissingAsync(db, id, missing, token);
                }
            },
        };

    private static string TypeOf(ManifestDocument document, ImageConfig config)
    {
        if (document.IsIndex)
        {
            return ManifestTypes.Index;
        }

        if (
            document.Annotations.GetValueOrDefault("containers.bootc") == "1"
            || config.Labels.GetValueOrDefault("containers.bootc") == "1"
        )
        {
            return ManifestTypes.Bootable;
        }

        if (config.Labels.ContainsKey("org.flatpak.ref"))
        {
            return ManifestTypes.Flatpak;
        }

        if (document.Config?.MediaType == MediaTypes.HelmConfig)
        {
            return ManifestTypes.Helm;
        }

        return CosignTypes.Of(document.Layers) is { } cosign ? cosign
            : IsImage(document) ? ManifestTypes.Image
            : ManifestTypes.Artifact;
    }

    private static bool IsImage(ManifestDocument document) =>
        document.MediaType == MediaTypes.DockerManifest
        || (!document.SaysArtifactType && document.Config is { } config && ImageConfig.IsConfig(config.MediaType));

    private static long Sum(IEnumerable<Descriptor> layers)
    {
        // Sizes are whatever the client wrote.
        var sum = layers.Aggregate((Int128)0, (so, layer) => so + layer.Size);
        return sum > long.MaxValue ? long.MaxValue : (long)sum;
    }
}
