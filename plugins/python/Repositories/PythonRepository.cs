using Pulp.PluginSdk.Fields;
using Pulp.PluginSdk.Models;

namespace PulpPython.Repositories;

/// <summary>A repository of packages.</summary>
public sealed record PythonRepository : Repository
{
    /// <summary>Publish each new version. Publications aren't needed any more.</summary>
    [Field("Whether to automatically create publications for new repository versions. [Deprecated]")]
    public bool Autopublish { get; init; }

    /// <summary>Whether a file may be replaced by another one of its name.</summary>
    [Field("Whether a package may be replaced by one of the same filename that has another checksum.")]
    public bool AllowPackageSubstitution { get; init; } = true;
}

/// <summary>The packages of a version as they were at one time. Indexes don't need them any more.</summary>
public sealed record PythonPublication : Publication;

/// <summary>What a repository doesn't take: a project, one release of it, or a file.</summary>
[Unique(nameof(Repository), nameof(Name), nameof(Version), nameof(Filename))]
public sealed record PythonBlocklistEntry : PulpResource
{
    /// <summary>The repository.</summary>
    [Field("The repository that doesn't take it.", ReadOnly = true, References = typeof(PythonRepository))]
    public Guid Repository { get; init; }

    /// <summary>The project, in any spelling; empty where a file is named.</summary>
    [Field("The project that isn't taken.", AllowBlank = true, Filter = Lookups.Exact | Lookups.In)]
    public string Name { get; init; } = "";

    /// <summary>The release of the project; empty for all.</summary>
    [Field(
        "The release that isn't taken; all of the project's where none is named.",
        AllowBlank = true,
        Filter = Lookups.Exact | Lookups.In
    )]
    public string Version { get; init; } = "";

    /// <summary>The file; empty where a project is named.</summary>
    [Field("The file that isn't taken.", AllowBlank = true, Filter = Lookups.Exact | Lookups.In)]
    public string Filename { get; init; } = "";
}
