using Pulp.PluginSdk.Fields;
using Pulp.PluginSdk.Models;

namespace PulpContainer.Images;

/// <summary>A simple signature of a manifest, as podman's <c>sigstore</c> directories and the registry's extension have them.</summary>
[Unique(nameof(Digest), nameof(SignedManifest))]
public sealed record ManifestSignature : Content
{
    /// <summary>The signed manifest's digest, <c>@</c> and the signature's own name.</summary>
    [Field("Name of the signature, which holds the manifest's digest.", Filter = Lookups.Text)]
    public required string Name { get; init; }

    /// <summary>SHA-256 of the signature.</summary>
    [Field("Digest of the signature.", Filter = Lookups.Exact | Lookups.In)]
    public required string Digest { get; init; }

    /// <summary>The format: <c>atomic</c>.</summary>
    [Field("Format of the signature.")]
    public string Type { get; init; } = "atomic";

    /// <summary>Id of the key.</summary>
    [Field("Id of the key that it is signed with.", Filter = Lookups.Exact | Lookups.In)]
    public required string KeyId { get; init; }

    /// <summary>Seconds since 1970.</summary>
    [Field("When it was signed, in seconds since 1970.")]
    public required long Timestamp { get; init; }

    /// <summary>The program that signed.</summary>
    [Field("The program that made it.")]
    public string Creator { get; init; } = "";

    /// <summary>The signature itself, base64.</summary>
    [Field("The signature.", Internal = true)]
    public string Data { get; init; } = "";

    /// <summary>The manifest.</summary>
    [Field("The manifest that is signed.", References = typeof(Manifest))]
    public required Guid SignedManifest { get; init; }
}
