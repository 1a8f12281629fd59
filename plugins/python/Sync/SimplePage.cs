using PulpPython.Names;

namespace PulpPython.Sync;

/// <summary>A project as the list of an index has it.</summary>
/// <param name="Name">As it is spelt there.</param>
/// <param name="Serial">Changes when the project does; null where the index doesn't say.</param>
internal sealed record ListedProject(string Name, long? Serial);

/// <summary>The files of a project, as its page in a simple index has them (PEP 503, PEP 691).</summary>
/// <param name="files">What it lists.</param>
internal sealed class SimplePage(IEnumerable<IndexFile?> files)
{
    /// <summary>Those whose names are names of packages of the project. Of several files of one name the first counts.</summary>
    public IReadOnlyList<IndexFile> Files { get; } =
    [.. files.OfType<IndexFile>().DistinctBy(f => f.Filename, StringComparer.Ordinal)];

    /// <summary>Where else the project is.</summary>
    public ProjectLocations Locations { get; init; } = ProjectLocations.None;

    public const string Json = "application/vnd.pypi.simple.v1+json";
    public const string Html = "application/vnd.pypi.simple.v1+html";

    /// <summary>What is asked for: JSON tells more.</summary>
    public static IReadOnlyList<string> Accept { get; } = [Json, $"{Html};q=0.2", "text/html;q=0.1"];

    public static bool IsJson(string? mediaType) => mediaType is Json or "application/json";

    public static bool IsHtml(string? mediaType) => mediaType is Html or "text/html" or "application/xhtml+xml";

    /// <summary>The file of a name; null where that isn't the name of a package of the project.</summary>
    public static IndexFile? File(string project, string filename, Uri url) =>
        PackageFilename.TryParse(filename, project, out var name) && MayBeOf(project, name)
            ? new IndexFile
            {
                Name = name,
                Filename = filename,
                Url = IndexLinks.WithoutFragment(url),
            }
            : null;

    /// <summary>Installers take a wheel by its name alone. Other files have been called by names that their projects had before.</summary>
    private static bool MayBeOf(string project, PackageFilename name) =>
        name.PackageType != PackageTypes.Wheel || ProjectName.Normalize(name.Project) == project;
}
