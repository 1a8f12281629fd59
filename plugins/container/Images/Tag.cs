using Pulp.PluginSdk.Fields;
using Pulp.PluginSdk.Models;

namespace PulpContainer.Images;

/// <summary>A name for a manifest.</summary>
[Unique(nameof(Name), nameof(TaggedManifest))]
[RepositoryKey(nameof(Name))]
public sealed record Tag : Content
{
    /// <summary>The name.</summary>
    [Field("The tag's name.", Filter = Lookups.Exact | Lookups.In)]
    public required string Name { get; init; }

    /// <summary>The manifest.</summary>
    [Field("The manifest that is tagged.", References = typeof(Manifest))]
    public required Guid TaggedManifest { get; init; }
}
