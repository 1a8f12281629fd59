using System.Diagnostics.CodeAnalysis;
using Pulp.PluginSdk.Fields;
using Pulp.PluginSdk.Models;
using Pulp.PluginSdk.Plugin;

namespace Pulp.PluginSdk.Signing;

/// <summary>
/// A script that signs with one key. Whoever runs the server adds it there, with <c>pulp admin add-signing-service</c>; it is never
/// changed, all domains share it, and fields of plugins' resources refer to it with <c>References = typeof(SigningService)</c>.
/// </summary>
[Experimental(Unsettled.Signing)]
public sealed record SigningService : PulpResource
{
    /// <summary>Unique name.</summary>
    [Field("A unique name used to recognize a script.", Filter = Lookups.Exact, Unique = true)]
    public required string Name { get; init; }

    /// <summary>The public key, armored.</summary>
    [Field("The value of the public key.")]
    public required string PublicKey { get; init; }

    /// <summary>The key's fingerprint, in hex.</summary>
    [Field("The fingerprint of the public key.")]
    public required string PubkeyFingerprint { get; init; }

    /// <summary>Absolute path of the script.</summary>
    [Field("An absolute path to the script which is going to be used for the signing.")]
    public required string Script { get; init; }

    /// <summary>What it signs and how: the plugin's label, a colon and the name of its <see cref="Signing.SigningClass"/>.</summary>
    [Field("What it signs and how.", Internal = true)]
    public required string SigningClass { get; init; }
}
