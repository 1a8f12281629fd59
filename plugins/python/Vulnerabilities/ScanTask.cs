using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Pulp.PluginSdk.Actions;
using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Models;
using Pulp.PluginSdk.Tasks;
using Pulp.PluginSdk.Upstreams;
using Pulp.PluginSdk.Vulnerabilities;
using PulpPython.Index;
using PulpPython.Repositories;

namespace PulpPython.Vulnerabilities;

/// <summary>Sends the task that scans a version.</summary>
internal static class ScanAction
{
    public static async Task<ActionAnswer> RunAsync(
        VersionActionRequest<PythonRepository, NoBody> request,
        CancellationToken cancellationToken
    )
    {
        var names = request.Services.GetRequiredService<IResourceNames>();
        return ActionAnswer.Started(
            await request.Tasks.SendAsync<ScanTask, RepositoryVersionRef>(
                request.Version,
                new DispatchOptions().Shared(names.Prn(request.Resource)),
                cancellationToken
            )
        );
    }
}

/// <summary>Asks for the vulnerabilities of each release of a version, and stores what is known of its packages.</summary>
[PulpTask("pulpcore.app.tasks.vulnerability_report.check_content")]
internal sealed class ScanTask(IVulnerabilityReports reports, IUpstreams upstreams, OsvSettings settings)
    : PulpTask<RepositoryVersionRef>
{
    private const int ReleasesAtOnce = 5;
    private const int ReportsAtOnce = 200;

    public override async Task<object?> RunAsync(
        RepositoryVersionRef args,
        ITaskContext task,
        CancellationToken cancellationToken
    )
    {
        IAdvisories advisories = settings.Path() is { } path
            ? await AdvisoryFile.ReadAsync(path, cancellationToken)
            : new AdvisoryService(upstreams, settings.OsvUrl);
        await using var scanned = task.Progress("Content scanned", "total_scanned");
        await using var created = task.Progress("Vulnerability Reports created", "created");
        await using var updated = task.Progress("Vulnerability Reports updated", "updated");
        var found = new List<UnitVulnerabilities>();
        foreach (var releases in (await ReleasesAsync(task.Db, args, cancellationToken)).Chunk(ReleasesAtOnce))
        {
            var known = await Task.WhenAll(
                releases.Select(r => advisories.FindAsync(r.Key.Project, r.Key.Version, cancellationToken))
            );
            foreach (var (release, vulns) in releases.Zip(known))
            {
                var json = JsonSerializer.Serialize(vulns);
                found.AddRange(release.Select(id => new UnitVulnerabilities { Content = id, Vulns = json }));
                scanned.Increment(release.Count());
            }

            if (found.Count >= ReportsAtOnce)
            {
                await SaveAsync(found);
            }
        }

        await SaveAsync(found);
        return null;

        async Task SaveAsync(List<UnitVulnerabilities> batch)
        {
            foreach (var report in await reports.SaveAsync(args, batch, cancellationToken))
            {
                (report.IsNew ? created : updated).Increment();
                task.Created(report.Href, report.Prn);
            }

            batch.Clear();
        }
    }

    /// <summary>The ids of a version's packages by release: of all files of one the same is known.</summary>
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
             where {ReleaseFile.Holds(version, "rc")} order by d.name_normalized, d.version_key
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
