using Pulp.PluginSdk.Fields;
using Pulp.PluginSdk.Models;

namespace PulpPython.Packages;

/// <summary>Who vouches for a file (PEP 740): attestations by publisher.</summary>
[Unique(nameof(Sha256))]
[RepositoryKey(nameof(Package))]
public sealed record PackageProvenance : Content
{
    /// <summary>The file.</summary>
    [Field(
        "The package that the provenance is for.",
        References = typeof(PythonPackageContent),
        Filter = Lookups.Exact | Lookups.In
    )]
    public required Guid Package { get; init; }

    /// <summary>The provenance object.</summary>
    [Field("The provenance object.", Json = JsonShape.Any, ReadOnly = true, NotSortable = true)]
    public string Provenance { get; init; } = "{}";

    /// <summary>SHA-256 of the provenance in its canonical form, hex.</summary>
    [Field("SHA-256 of the provenance.", ReadOnly = true, Filter = Lookups.Exact | Lookups.In)]
    public string Sha256 { get; init; } = "";
}
