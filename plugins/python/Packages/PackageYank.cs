using Pulp.PluginSdk.Fields;
using Pulp.PluginSdk.Models;

namespace PulpPython.Packages;

/// <summary>
/// A release that installers aren't to choose by themselves (PEP 592). It is content: each version of a repository says what it yanks,
/// and what is promoted by copying versions takes it along.
/// </summary>
[Unique(nameof(NameNormalized), nameof(VersionKey), nameof(Reason))]
[RepositoryKey(nameof(NameNormalized), nameof(VersionKey))]
public sealed record PackageYank : Content
{
    /// <summary>The project, as it was given.</summary>
    [Field("The name of the project.", Filter = Lookups.Exact | Lookups.In)]
    public required string Name { get; init; }

    /// <summary>The release.</summary>
    [Field("The version of the release.", Filter = Lookups.Exact | Lookups.In)]
    public required string Version { get; init; }

    /// <summary>Why; may be empty.</summary>
    [Field("Why it was yanked.", AllowBlank = true, MaxLength = 1024)]
    public string Reason { get; init; } = "";

    /// <summary>The project as it stands in addresses (PEP 503).</summary>
    [Field("The normalized name of the project.", Internal = true)]
    public string NameNormalized { get; init; } = "";

    /// <summary>The version so that versions that mean the same are the same.</summary>
    [Field("The version as it sorts.", Internal = true)]
    public string VersionKey { get; init; } = "";
}
