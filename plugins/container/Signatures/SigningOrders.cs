using Pulp.PluginSdk.Signing;

namespace PulpContainer.Signatures;

/// <summary>What is asked of scripts that sign manifests.</summary>
internal static class SigningOrders
{
    public const string ClassName = "container:ManifestSigningService";

    /// <summary>Tried when a service is added.</summary>
    public static SigningClass Class { get; } =
        new()
        {
            Name = "ManifestSigningService",
            Sample = Of(
                """
                {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
                 "config": {"mediaType": "application/vnd.oci.empty.v1+json", "size": 2,
                            "digest": "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"},
                 "layers": []}
                """u8.ToArray(),
                "test"
            ),
        };

    /// <param name="manifest">The bytes to sign.</param>
    /// <param name="reference">What clients pull it as: host, name and tag.</param>
    public static SigningOrder Of(byte[] manifest, string reference) =>
        new()
        {
            Content = manifest,
            Environment = new Dictionary<string, string> { ["REFERENCE"] = reference },
            PathVariable = "SIG_PATH",
            // Pulp's documentation and its code have two names for it.
            AnswerMembers = ["signature_path", "signature"],
        };
}
