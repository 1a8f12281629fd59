namespace PulpContainer.Images;

/// <summary>What cosign attaches to images, told by the media types of the layers.</summary>
internal static class CosignTypes
{
    /// <summary>The contract's word for it; null for what isn't cosign's.</summary>
    public static string? Of(IEnumerable<Descriptor> layers) =>
        layers.Select(layer => OfLayer(layer.MediaType)).FirstOrDefault(type => type is not null);

    /// <summary>Whether something of this artifact type signs what it refers to.</summary>
    public static bool IsSignature(string artifactType) =>
        artifactType.StartsWith("application/vnd.dev.sigstore.bundle", StringComparison.Ordinal)
        || artifactType.StartsWith("application/vnd.dev.cosign.artifact.sig", StringComparison.Ordinal)
        || artifactType == "application/vnd.cncf.notary.signature";

    private static string? OfLayer(string mediaType) =>
        mediaType switch
        {
            "application/vnd.dev.cosign.simplesigning.v1+json" => "cosign_signature",
            "application/vnd.dsse.envelope.v1+json" => "cosign_attestation",
            "application/vnd.dev.sigstore.bundle.v0.3+json" => "cosign_attestation_bundle",
            "application/vnd.syft+json" => "cosign_sbom",
            _ when mediaType.StartsWith("application/vnd.cyclonedx", StringComparison.Ordinal) => "cosign_sbom",
            _ when mediaType.StartsWith("text/spdx", StringComparison.Ordinal) => "cosign_sbom",
            _ => null,
        };
}
