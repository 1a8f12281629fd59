using Pulp.PluginSdk.Contents;
using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Models;
using Pulp.PluginSdk.Tasks;
using Pulp.PluginSdk.Upstreams;
using PulpPython.Index;
using PulpPython.Names;
using PulpPython.Packages;
using PulpPython.Remotes;
using PulpPython.Sync;

namespace PulpPython.Repositories;

/// <summary>Corrects packages whose files aren't stored by what their index says of each release.</summary>
internal sealed class UpstreamCorrections(IContents contents, IUpstreams upstreams)
{
    /// <summary>Corrects those of a version; answers how many differed.</summary>
    /// <param name="version">The version.</param>
    /// <param name="remote">Where they come from; null where the repository doesn't say.</param>
    /// <param name="task">The task.</param>
    /// <param name="progress">Counts the packages.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<int> RunAsync(
        RepositoryVersionRef version,
        PythonRemote? remote,
        ITaskContext task,
        IProgressReport progress,
        CancellationToken cancellationToken
    )
    {
        var corrected = 0;
        var upstream = remote is null ? null : upstreams.For(remote);
        var index = upstream is null ? null : new IndexClient(remote?.Url ?? "", upstream.FetchAsync);
        foreach (var release in await ReleasesAsync(task.Db, version, cancellationToken))
        {
            Guid[] ids = [.. release];
            if (await AskAsync(index, release.Key, cancellationToken) is { } info)
            {
                corrected += await CorrectAsync(task.Db, ids, info, cancellationToken);
            }
            else
            {
                task.Warn(
                    "repair.not_known",
                    "The file isn't stored, and the repository's remote doesn't know the release"
                );
            }

            progress.Increment(ids.Length);
        }

        return corrected;
    }

    private static async Task<ReleaseInfo?> AskAsync(
        IndexClient? index,
        (string Project, string Version) release,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var info = index is null
                ? null
                : await index.ReleaseAsync(release.Project, release.Version, cancellationToken);
            // An index that answers another release than it was asked for would spoil what is right.
            return
                info is not null
                && ProjectName.Normalize(info.Metadata.Name) == release.Project
                && VersionKey.Of(info.Metadata.Version) == VersionKey.Of(release.Version)
                ? info
                : null;
        }
        catch (UpstreamException)
        {
            return null; // The release counts as not known, and the others are asked for.
        }
    }

    private async Task<int> CorrectAsync(IDb db, Guid[] ids, ReleaseInfo info, CancellationToken cancellationToken)
    {
        var corrected = 0;
        await foreach (var stored in contents.FindAsync<PythonPackageContent>($"d.pulp_id in {ids}", cancellationToken))
        {
            var read = stored.With(info.Metadata) with
            {
                // What such an answer doesn't have, or the simple page says of each file.
                MetadataVersion = stored.MetadataVersion,
                RequiresPython = stored.RequiresPython,
                Version = stored.Version,
            };
            corrected += await PackageCorrection.SaveAsync(db, stored, read, cancellationToken) ? 1 : 0;
        }

        return corrected;
    }

    private static async Task<IReadOnlyList<IGrouping<(string Project, string Version), Guid>>> ReleasesAsync(
        IDb db,
        RepositoryVersionRef version,
        CancellationToken cancellationToken
    )
    {
        var rows = await db.QueryAsync<PackageRow>(
            $"""
            select d.pulp_id, d.name_normalized, d.version from python_pythonpackagecontent d
              join core_repositorycontent rc on rc.content_id = d.pulp_id
             where {ReleaseFile.Holds(version, "rc")}
               and not exists (select 1 from core_contentartifact ca
                                where ca.content_id = d.pulp_id and ca.relative_path = d.filename
                                  and ca.artifact_id is not null)
             order by d.name_normalized, d.version_key
            """,
            cancellationToken
        );
        return [.. rows.GroupBy(r => (r.NameNormalized, r.Version), r => r.PulpId)];
    }

    private sealed record PackageRow
    {
        public Guid PulpId { get; init; }

        public string NameNormalized { get; init; } = "";

        public string Version { get; init; } = "";
    }
}
