using System.Text.Json;

namespace PulpPython.Vulnerabilities;

/// <summary>Knows of vulnerabilities.</summary>
internal interface IAdvisories
{
    /// <summary>What is known of a release, as OSV describes it.</summary>
    /// <param name="project">The normalized name of the project.</param>
    /// <param name="version">The release.</param>
    /// <param name="cancellationToken">Stops it.</param>
    Task<IReadOnlyList<JsonElement>> FindAsync(string project, string version, CancellationToken cancellationToken);
}
