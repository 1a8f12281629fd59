using Pulp.PluginSdk.Fields;
using Pulp.PluginSdk.Signing;

namespace PulpContainer.Signatures;

/// <summary>Images to sign.</summary>
public sealed record RepositorySign
{
    /// <summary>Who signs; the repository's own service where none is named.</summary>
    [Field("A signing service to sign with. It overrides the repository's own.", References = typeof(SigningService))]
    public Guid? ManifestSigningService { get; init; }

    /// <summary>The name that clients will pull it by.</summary>
    [Field("The base path that the images will be served at, where the repository hasn't exactly one distribution.")]
    public string? FutureBasePath { get; init; }

    /// <summary>Their tags, a JSON list.</summary>
    [Field("The tags to sign; all where none is named.", Json = JsonShape.ListOfStrings)]
    public string TagsList { get; init; } = "[]";
}

/// <summary>Signatures to take away.</summary>
public sealed record RemoveSignatures
{
    /// <summary>Whose.</summary>
    [Field("Id of the key that they are signed with.")]
    public required string SignedWithKeyId { get; init; }
}

/// <summary>What taking signatures away answers.</summary>
public sealed record RemovedSignatures
{
    /// <summary>The task that does it.</summary>
    [Field("The task.")]
    public required string Task { get; init; }

    /// <summary>Whose they are.</summary>
    [Field("Id of the key that they are signed with.")]
    public required string SignedWithKeyId { get; init; }
}
