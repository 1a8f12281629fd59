using System.Diagnostics.CodeAnalysis;
using Pulp.PluginSdk.Plugin;

namespace Pulp.PluginSdk.Signing;

/// <summary>A way in which scripts sign: what is asked of one is tried when it is added as a service of this class.</summary>
[Experimental(Unsettled.Signing)]
public sealed record SigningClass
{
    /// <summary>What Pulp calls it, such as <c>ManifestSigningService</c>; services name it behind the plugin's label and a colon.</summary>
    public required string Name { get; init; }

    /// <summary>Is signed when a service is added, and has to verify with the service's public key.</summary>
    public required SigningOrder Sample { get; init; }

    /// <summary>The signature doesn't hold what is signed.</summary>
    public bool IsDetached { get; init; }
}

/// <summary>A file to sign.</summary>
[Experimental(Unsettled.Signing)]
public sealed record SigningOrder
{
    /// <summary>The file's bytes.</summary>
    public required ReadOnlyMemory<byte> Content { get; init; }

    /// <summary>Variables that the script gets beside the key's fingerprint and the correlation id.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>The variable that tells the script where the signature is to be; null where the script decides.</summary>
    public string? PathVariable { get; init; }

    /// <summary>Members of the printed JSON that may name the file with the signature; the first that is there holds.</summary>
    public IReadOnlyList<string> AnswerMembers { get; init; } = ["signature"];
}
