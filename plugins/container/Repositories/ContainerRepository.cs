using Pulp.PluginSdk.Fields;
using Pulp.PluginSdk.Models;
using Pulp.PluginSdk.Signing;

namespace PulpContainer.Repositories;

/// <summary>A repository whose images can be signed.</summary>
internal interface ISignedRepository
{
    /// <summary>Who signs them where nobody else is named.</summary>
    Guid? ManifestSigningService { get; }
}

/// <summary>A repository of images: synced, pushed to, or filled by hand.</summary>
public sealed record ContainerRepository : Repository, ISignedRepository
{
    /// <inheritdoc />
    [Field("A signing service for its images.", References = typeof(SigningService))]
    public Guid? ManifestSigningService { get; init; }
}

/// <summary>The older kind of repository, which clients push to and which nobody makes by itself any more.</summary>
public sealed record ContainerPushRepository : Repository, ISignedRepository
{
    /// <inheritdoc />
    [Field("A signing service for its images.", References = typeof(SigningService))]
    public Guid? ManifestSigningService { get; init; }
}
