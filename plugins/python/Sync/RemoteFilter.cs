using System.Text.Json;
using PulpPython.Names;
using PulpPython.Remotes;
using PulpPython.Versions;

namespace PulpPython.Sync;

/// <summary>Which projects, releases and files a remote takes.</summary>
internal sealed class RemoteFilter
{
    private readonly Dictionary<string, List<VersionSpecifiers>> _includes;
    private readonly Dictionary<string, List<VersionSpecifiers>> _excludes;
    private readonly HashSet<string> _types;
    private readonly HashSet<string> _platforms;
    private readonly bool _prereleases;
    private readonly long _latest;

    public RemoteFilter(PythonRemote remote)
    {
        _includes = Requirements(remote.Includes);
        _excludes = Requirements(remote.Excludes);
        _types = [.. Texts(remote.PackageTypes)];
        _platforms = [.. Texts(remote.ExcludePlatforms)];
        _prereleases = remote.Prereleases;
        _latest = remote.KeepLatestPackages;
        Named = [.. _includes.Keys.Where(TakesProject)];
    }

    /// <summary>The projects that are asked for by name, normalized.</summary>
    public IReadOnlyList<string> Named { get; }

    /// <summary>Only projects that are named are taken, and perhaps none of these either.</summary>
    public bool NamesProjects => _includes.Count > 0;

    /// <summary>False for a project that isn't included, or excluded as a whole.</summary>
    /// <param name="project">Normalized.</param>
    public bool TakesProject(string project) =>
        (_includes.Count == 0 || _includes.ContainsKey(project))
        && !(_excludes.TryGetValue(project, out var excluded) && excluded.Exists(s => s.IsEmpty));

    /// <summary>The files of a project that a sync takes: of the releases that it takes the latest, where it takes no more.</summary>
    /// <param name="project">Normalized.</param>
    /// <param name="files">All that there are.</param>
    public IReadOnlyList<IndexFile> Select(string project, IEnumerable<IndexFile> files)
    {
        if (!TakesProject(project))
        {
            return [];
        }

        var releases = files
            .Where(TakesFile)
            .GroupBy(f => f.Release, StringComparer.Ordinal)
            .Select(g => (Version: Parsed(g.Key), Files: g))
            .Where(r => TakesRelease(project, r.Version, _prereleases))
            .ToList();
        var kept = _latest <= 0 ? releases : Latest(releases);
        return [.. kept.SelectMany(r => r.Files)];
    }

    /// <summary>
    /// True for a file that is passed on when somebody asks for it. Pre-releases are: who doesn't want them doesn't ask for them.
    /// </summary>
    /// <param name="project">Normalized.</param>
    /// <param name="file">The file.</param>
    public bool PassesOn(string project, IndexFile file) =>
        TakesProject(project) && TakesFile(file) && TakesRelease(project, Parsed(file.Release), takesPrereleases: true);

    /// <summary>The number of releases that is wanted; the newest that is no pre-release is always among them.</summary>
    private List<(PythonVersion? Version, IGrouping<string, IndexFile> Files)> Latest(
        List<(PythonVersion? Version, IGrouping<string, IndexFile> Files)> releases
    )
    {
        var versions = releases.Select(r => r.Version).OfType<PythonVersion>().Distinct().OrderDescending().ToList();
        var kept = versions.Take((int)Math.Min(_latest, int.MaxValue)).ToList();
        if (versions.Find(v => !v.IsPrerelease) is { } stable && kept.Count > 0 && !kept.Contains(stable))
        {
            kept[^1] = stable;
        }

        return [.. releases.Where(r => r.Version is not null && kept.Contains(r.Version))];
    }

    private bool TakesRelease(string project, PythonVersion? version, bool takesPrereleases)
    {
        var included = _includes.GetValueOrDefault(project);
        if (version is null)
        {
            // What is no version is in no range: it is taken where the project is taken as a whole.
            return included is null || included.Exists(s => s.IsEmpty);
        }

        var isIncluded = included is null
            ? takesPrereleases || !version.IsPrerelease
            : included.Exists(s => s.Contains(version, takesPrereleases));
        return isIncluded
            && !(
                _excludes.TryGetValue(project, out var excluded)
                && excluded.Exists(s => s.Contains(version, prereleases: true))
            );
    }

    private bool TakesFile(IndexFile file) =>
        (_types.Count == 0 || _types.Contains(file.Type))
        && (_platforms.Count == 0 || !_platforms.Overlaps(Platforms(file)));

    /// <summary>The platforms that a built file is for, as the remote calls them; none for one that fits all.</summary>
    private static IEnumerable<string> Platforms(IndexFile file)
    {
        var platform = file.Name.Platform;
        if (file.Type is PackageTypes.Msi or PackageTypes.Wininst || Has("win"))
        {
            yield return "windows";
        }

        if (file.Type == PackageTypes.Dmg || Has("macosx") || Has("darwin"))
        {
            yield return "macos";
        }

        if (Has("freebsd"))
        {
            yield return "freebsd";
        }

        if (file.Type == PackageTypes.Rpm || Has("linux") || Has("manylinux") || Has("musllinux"))
        {
            yield return "linux";
        }

        bool Has(string name) => platform.Split('.').Any(p => p.StartsWith(name, StringComparison.OrdinalIgnoreCase));
    }

    private static PythonVersion? Parsed(string text) => PythonVersion.TryParse(text, out var version) ? version : null;

    private static Dictionary<string, List<VersionSpecifiers>> Requirements(string json) =>
        Texts(json)
            .Select(t => Requirement.TryParse(t, out var requirement) ? requirement : null)
            .OfType<Requirement>()
            .GroupBy(r => ProjectName.Normalize(r.Name), r => r.Specifiers, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => g.ToList(), StringComparer.Ordinal);

    private static IReadOnlyList<string> Texts(string json) => JsonSerializer.Deserialize<List<string>>(json) ?? [];
}
