using Pulp.PluginSdk.Contents;
using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Models;
using Pulp.PluginSdk.Repositories;
using Pulp.PluginSdk.Resources;
using Pulp.PluginSdk.Tasks;
using PulpPython.Packages;
using PulpPython.Repositories;

namespace PulpPython.Uploads;

/// <summary>Arguments of <see cref="UploadTask"/>.</summary>
/// <param name="Group">The files that came together.</param>
/// <param name="Repository">Where they go.</param>
/// <param name="Window">Seconds to wait for more.</param>
internal sealed record UploadArgs(Guid Group, Guid Repository, double Window);

/// <summary>Adds the files of a release that were uploaded together to their repository, as one version.</summary>
[PulpTask("pulp_python.app.tasks.upload.upload")]
internal sealed class UploadTask(
    IRepositoryVersions versions,
    IContents contents,
    IResources resources,
    IResourceNames names,
    TimeProvider clock
) : PulpTask<UploadArgs>
{
    /// <summary>However many keep coming, the first isn't held back for longer than this many windows.</summary>
    private const int MostWindows = 10;

    public override async Task<object?> RunAsync(
        UploadArgs args,
        ITaskContext task,
        CancellationToken cancellationToken
    )
    {
        var latest = clock.GetUtcNow() + (TimeSpan.FromSeconds(args.Window) * MostWindows);
        while (await FindAsync(task.Db, args.Group, cancellationToken) is { } group)
        {
            var due = group.LastAt + TimeSpan.FromSeconds(args.Window);
            var wait = (due < latest ? due : latest) - clock.GetUtcNow();
            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, clock, cancellationToken);
            }
            else if (await AddAsync(args, group, task, cancellationToken))
            {
                break;
            }
        }

        return null;
    }

    private static Task<Group?> FindAsync(IDb db, Guid group, CancellationToken cancellationToken) =>
        db.FirstOrDefaultAsync<Group>(
            $"select arrivals, last_at from python_uploadgroup where pulp_id = {group}",
            cancellationToken
        );

    /// <summary>False when another file came meanwhile.</summary>
    private async Task<bool> AddAsync(
        UploadArgs args,
        Group group,
        ITaskContext task,
        CancellationToken cancellationToken
    )
    {
        IReadOnlyList<Guid>? added = null;
        try
        {
            var version = await versions.ChangeAsync(
                args.Repository,
                async (draft, token) => added = await TakeAsync(draft, args.Group, group.Arrivals, token),
                cancellationToken
            );
            if (added is not null)
            {
                await TellAsync(task, added, version, cancellationToken);
            }

            return added is not null;
        }
        catch (PulpException error) when (error is not RepositoryBusyException and not DatabaseUnavailableException)
        {
            // The repository doesn't take them: they may be uploaded again when it does.
            await task.Db.ExecuteAsync(
                $"delete from python_uploadgroup where pulp_id = {args.Group}",
                CancellationToken.None
            );
            throw;
        }
    }

    /// <summary>Moves the group's files into the version; null when another came that nobody has waited for.</summary>
    private static async Task<IReadOnlyList<Guid>?> TakeAsync(
        IVersionDraft draft,
        Guid group,
        long arrivals,
        CancellationToken cancellationToken
    )
    {
        // Whoever joins from now on waits for this transaction, and finds the group gone.
        var held = await draft.Db.ExecuteAsync(
            $"update python_uploadgroup set task_id = task_id where pulp_id = {group} and arrivals = {arrivals}",
            cancellationToken
        );
        if (held == 0)
        {
            return null;
        }

        var files = await draft.Db.QueryAsync<FileRow>(
            $"select content_id, provenance_id from python_uploadedfile where group_id = {group} order by pulp_id",
            cancellationToken
        );
        Guid[] units = [.. files.Select(f => f.ContentId), .. files.Select(f => f.ProvenanceId).OfType<Guid>()];
        await draft.AddAsync(units, cancellationToken);
        await draft.Db.ExecuteAsync($"delete from python_uploadgroup where pulp_id = {group}", cancellationToken);
        return units;
    }

    private async Task TellAsync(
        ITaskContext task,
        IReadOnlyList<Guid> units,
        RepositoryVersionRef? version,
        CancellationToken cancellationToken
    )
    {
        await foreach (
            var package in contents.FindAsync<PythonPackageContent>($"d.pulp_id in {units}", cancellationToken)
        )
        {
            task.Created(names.Href(package), names.Prn(package));
        }

        await foreach (var proof in contents.FindAsync<PackageProvenance>($"d.pulp_id in {units}", cancellationToken))
        {
            task.Created(names.Href(proof), names.Prn(proof));
        }

        if (
            version is not null
            && await resources.FindAsync<PythonRepository>(version.RepositoryId, cancellationToken) is { } repository
        )
        {
            task.Created(
                $"{names.Href(repository)}versions/{version.Number}/",
                $"prn:core.repositoryversion:{version.PulpId}"
            );
        }
    }

    private sealed record Group
    {
        public long Arrivals { get; init; }

        public DateTimeOffset LastAt { get; init; }
    }

    private sealed record FileRow
    {
        public Guid ContentId { get; init; }

        public Guid? ProvenanceId { get; init; }
    }
}
