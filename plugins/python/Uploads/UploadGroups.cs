using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Tasks;
using PulpPython.Repositories;

namespace PulpPython.Uploads;

/// <summary>
/// Files of one release that arrive close together become one version: the first sends a task, which waits a moment, and the others
/// join it. What arrived is a row until the version is there, so that no file is forgotten whoever dies.
/// </summary>
internal sealed class UploadGroups(
    IDb db,
    ITaskDispatcher tasks,
    IResourceNames names,
    UploadSettings settings,
    TimeProvider clock
)
{
    private const double PulpsWindow = 5;

    /// <summary>A task is looked after when nothing has been heard of its group for this long.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(100);

    /// <summary>What a client is told whose file is there already; uploaders look for "already exists".</summary>
    public static BadRequestException Taken(string filename) => new($"Package {filename} already exists in index");

    /// <summary>Adds a file to those that wait, and answers the task that adds it to the repository.</summary>
    /// <exception cref="BadRequestException">Another file of its name waits already.</exception>
    public async Task<Guid> JoinAsync(
        PythonRepository repository,
        StoredPackage stored,
        CancellationToken cancellationToken
    )
    {
        var before = clock.GetUtcNow() - Silence;
        var known = await db.FirstOrDefaultAsync<Group>(
            $"""
            select pulp_id, task_id, last_at from python_uploadgroup
             where repository_id = {repository.PulpId} and release = {ReleaseOf(stored)}
            """,
            cancellationToken
        );
        var group = await EnterAsync(repository, stored, cancellationToken);
        if (
            group.TaskId is { } task
            && (known is null || known.LastAt > before || !await HasEndedAsync(task, cancellationToken))
        )
        {
            return task;
        }

        // From here on it is stored: a client that leaves doesn't undo it.
        var sent = await tasks.SendAsync<UploadTask, UploadArgs>(
            new UploadArgs(
                group.PulpId,
                repository.PulpId,
                settings.GroupUploads ? PulpsWindow : settings.UploadWindow
            ),
            new DispatchOptions().Exclusive(names, repository),
            CancellationToken.None
        );
        await db.ExecuteAsync(
            $"update python_uploadgroup set task_id = {sent} where pulp_id = {group.PulpId}",
            CancellationToken.None
        );
        return sent;
    }

    private Task<Group> EnterAsync(
        PythonRepository repository,
        StoredPackage stored,
        CancellationToken cancellationToken
    ) =>
        db.InTransactionAsync(
            async tx =>
            {
                var groups = await tx.ReturningAsync<Group>(
                    $"""
                    insert into python_uploadgroup (pulp_id, repository_id, release, arrivals, last_at)
                    values ({Guid.CreateVersion7()}, {repository.PulpId}, {ReleaseOf(stored)}, 1, {clock.GetUtcNow()})
                    on conflict (repository_id, release) do update
                       set arrivals = python_uploadgroup.arrivals + 1, last_at = excluded.last_at
                    returning pulp_id, task_id, last_at
                    """,
                    cancellationToken
                );
                var entered = await tx.ExecuteAsync(
                    $"""
                    insert into python_uploadedfile (pulp_id, group_id, repository_id, filename, content_id, provenance_id)
                    values ({Guid.CreateVersion7()}, {groups[0].PulpId}, {repository.PulpId}, {stored.Package.Filename},
                            {stored.PackageId}, {stored.ProvenanceId})
                    on conflict (repository_id, filename) do update set provenance_id = excluded.provenance_id
                     where python_uploadedfile.content_id = excluded.content_id
                    """,
                    cancellationToken
                );
                return entered == 1 ? groups[0] : throw Taken(stored.Package.Filename);
            },
            cancellationToken
        );

    /// <summary>Whether a task is over, so that nobody takes what waits for it.</summary>
    private async Task<bool> HasEndedAsync(Guid task, CancellationToken cancellationToken)
    {
        using var glance = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        glance.CancelAfter(Glance);
        try
        {
            await tasks.FinishedAsync(task, glance.Token);
            return true;
        }
        catch (NotFoundException)
        {
            return true; // Somebody purged it.
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false; // It waits or runs.
        }
    }

    private static string ReleaseOf(StoredPackage stored) =>
        $"{stored.Package.NameNormalized} {stored.Package.VersionKey}";

    private sealed record Group
    {
        public Guid PulpId { get; init; }

        public Guid? TaskId { get; init; }

        public DateTimeOffset LastAt { get; init; }
    }
}
