using Pulp.PluginSdk.Fields;
using Pulp.PluginSdk.Models;

namespace PulpContainer.Images;

/// <summary>A layer, a configuration, or any other file that manifests refer to.</summary>
[Unique(nameof(Digest))]
public sealed record Blob : Content
{
    /// <summary>The digest that it was pushed or listed with.</summary>
    [Field("Digest of the blob, with its algorithm.", Filter = Lookups.Exact | Lookups.In)]
    public required string Digest { get; init; }
}
