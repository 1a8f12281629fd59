using PulpPython.Sync;

namespace PulpPython.Index;

/// <summary>What a project's page says.</summary>
/// <param name="Project">The project's normalized name.</param>
/// <param name="Files">Its files.</param>
/// <param name="Locations">Where else it is.</param>
/// <param name="Serial">Number of the repository version that changed it last.</param>
internal sealed record ProjectPage(
    string Project,
    IReadOnlyList<ReleaseFile> Files,
    ProjectLocations Locations,
    long Serial
)
{
    /// <summary>Of the simple index (PEP 629): that of PEP 708 where the page says where else the project is.</summary>
    public string ApiVersion => Locations.IsNone ? HtmlPages.ApiVersion : "1.2";
}
