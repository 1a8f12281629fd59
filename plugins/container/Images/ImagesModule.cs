using Pulp.PluginSdk.Models;
using Pulp.PluginSdk.Plugin;

namespace PulpContainer.Images;

/// <summary>Content: blobs, manifests, tags and signatures. It comes by pushes and syncs, never by uploads to the API.</summary>
internal static class ImagesModule
{
    public static void AddImages(this IPluginBuilder plugin)
    {
        plugin
            .Content<Blob>("blob", "blobs")
            .Without(Operations.Create)
            .Shows<Guid?>(
                "artifact",
                $"(select x.artifact_id from core_contentartifact x where x.content_id = m.pulp_id limit 1)",
                "The stored file; null until it is fetched.",
                references: typeof(Artifact)
            )
            .Access(ContainerRights.Content);
        plugin
            .Content<Manifest>("manifest", "manifests")
            .Without(Operations.Create)
            .RefersTo<Blob>(nameof(Manifest.ConfigBlob))
            .RefersTo<Blob>("container_manifest_blobs", "blobs")
            .RefersTo<Manifest>("container_manifest_manifests", "listed_manifests")
            .Access(ContainerRights.Content);
        plugin
            .Content<Tag>("tag", "tags")
            .Without(Operations.Create)
            .RefersTo<Manifest>(nameof(Tag.TaggedManifest))
            .Filter<IReadOnlyList<string>>(
                "media_type",
                types =>
                    $"exists (select 1 from container_manifest x where x.pulp_id = d.tagged_manifest_id and x.media_type in {types})"
            )
            .Filter<IReadOnlyList<string>>(
                "digest",
                digests =>
                    $"exists (select 1 from container_manifest x where x.pulp_id = d.tagged_manifest_id and x.digest in {digests})"
            )
            .Access(ContainerRights.Content);
        plugin
            .Content<ManifestSignature>("signature", "signatures")
            .Without(Operations.Create)
            .RefersTo<Manifest>(nameof(ManifestSignature.SignedManifest))
            .Filter<IReadOnlyList<string>>(
                "manifest",
                digests =>
                    $"exists (select 1 from container_manifest x where x.pulp_id = d.signed_manifest_id and x.digest in {digests})"
            )
            .Access(ContainerRights.Content);
    }
}
