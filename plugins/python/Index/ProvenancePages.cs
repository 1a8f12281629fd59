using System.Text;
using Pulp.PluginSdk.Serving;
using PulpPython.Packages;

namespace PulpPython.Index;

/// <summary>The provenances of files (PEP 740), remembered as pages are.</summary>
internal sealed class ProvenancePages(IndexPages pages)
{
    /// <summary>The provenance of a file; null when there is none.</summary>
    /// <param name="served">The index.</param>
    /// <param name="project">The project's normalized name.</param>
    /// <param name="version">The release.</param>
    /// <param name="filename">The file.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async ValueTask<ContentAnswer?> FindAsync(
        IServedDistribution served,
        string project,
        string version,
        string filename,
        CancellationToken cancellationToken
    )
    {
        var files = await pages.FilesAsync(served, project, isKnown: false, cancellationToken);
        var key = VersionKey.Of(version);
        return
            files.FirstOrDefault(f =>
                f.Filename == filename && (f.Version == version || (key.Length > 0 && f.VersionKey == key))
            )
                is { HasProvenance: true } file
            ? await served.RememberAsync(
                $"provenance {filename}",
                token => ReadAsync(served, file.PulpId, token),
                cancellationToken
            )
            : null;
    }

    private static async Task<(ContentAnswer? Value, long Bytes)> ReadAsync(
        IServedDistribution served,
        Guid package,
        CancellationToken cancellationToken
    )
    {
        await foreach (
            var found in served.ContentAsync<PackageProvenance>($"d.package_id = {package}", cancellationToken)
        )
        {
            var body = Encoding.UTF8.GetBytes(found.Provenance);
            var answer = new ContentAnswer.Bytes(body, "application/json") { ETag = found.Sha256, IsUnguarded = true };
            return (answer, body.Length + 1000);
        }

        return (null, 1000);
    }
}
