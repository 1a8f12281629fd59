using Pulp.PluginSdk.Fields;
using Pulp.PluginSdk.Models;

namespace PulpPython.Remotes;

/// <summary>An index of packages: PyPI, another Pulp, or any simple index.</summary>
public sealed record PythonRemote : Remote
{
    /// <summary>Projects and specifiers, a JSON list; empty takes all.</summary>
    [Field("Specifiers of the projects to include.", Json = JsonShape.ListOfStrings)]
    public string Includes { get; init; } = "[]";

    /// <summary>Projects and specifiers, a JSON list.</summary>
    [Field("Specifiers of the projects to exclude.", Json = JsonShape.ListOfStrings)]
    public string Excludes { get; init; } = "[]";

    /// <summary>Whether pre-releases are taken.</summary>
    [Field("Whether pre-releases are taken.")]
    public bool Prereleases { get; init; }

    /// <summary>The forms of packages to take, a JSON list; empty takes all.</summary>
    [Field("The forms of packages to take; all where none is named.", Json = JsonShape.ListOfStrings)]
    public string PackageTypes { get; init; } = "[]";

    /// <summary>How many of the latest releases of a project are taken; 0 takes all.</summary>
    [Field("How many of the latest releases of a project are taken; 0 takes all.", Minimum = 0)]
    public long KeepLatestPackages { get; init; }

    /// <summary>The platforms whose packages aren't taken, a JSON list.</summary>
    [Field("The platforms whose packages aren't taken.", Json = JsonShape.ListOfStrings)]
    public string ExcludePlatforms { get; init; } = "[]";

    /// <summary>Whether provenances are taken, too.</summary>
    [Field("Whether available provenances are taken, too.")]
    public bool Provenance { get; init; }
}
