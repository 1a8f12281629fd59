using System.Text.Json;
using PulpContainer.Images;
using PulpContainer.Names;

namespace PulpContainer.Upstreams;

/// <summary>A manifest that an upstream has.</summary>
/// <param name="Digest">Its digest.</param>
/// <param name="MediaType">What upstream calls it, without parameters.</param>
/// <param name="Body">Its bytes, which have that digest; null where upstream was only asked what it has.</param>
internal sealed record UpstreamManifest(Digest Digest, string MediaType, byte[]? Body)
{
    /// <summary>Whether it has the format of before 2016, whose bytes aren't what its digest is of.</summary>
    public bool IsSchema1 =>
        MediaType.StartsWith("application/vnd.docker.distribution.manifest.v1+", StringComparison.Ordinal);
}

/// <summary>Something that an upstream says refers to a manifest.</summary>
/// <param name="Digest">The digest of its manifest.</param>
/// <param name="ArtifactType">What it is; empty where that isn't said.</param>
/// <param name="Descriptor">All that is said of it, as JSON.</param>
internal sealed record UpstreamReferrer(Digest Digest, string ArtifactType, string Descriptor)
{
    /// <summary>All that an index lists.</summary>
    public static IEnumerable<UpstreamReferrer> AllIn(JsonElement index)
    {
        foreach (var item in index.ItemsOf("manifests"))
        {
            if (Digest.TryParse(item.Text("digest"), out var digest))
            {
                yield return new UpstreamReferrer(digest, item.Text("artifactType") ?? "", item.GetRawText());
            }
        }
    }
}
