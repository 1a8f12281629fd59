using System.Collections.Concurrent;
using Pulp.PluginSdk.Contents;
using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Repositories;
using Pulp.PluginSdk.Sync;
using PulpPython.Packages;
using PulpPython.Remotes;
using PulpPython.Repositories;

namespace PulpPython.Sync;

/// <summary>What the projects of one sync share: the index, what is known from before, and what was seen.</summary>
internal sealed class SyncRun
{
    /// <summary>After as many projects in a row that couldn't be reached the upstream is asked whether it is there.</summary>
    private const int MostUnreachable = 10;

    private readonly IReadOnlyDictionary<string, SyncedProject> _known;
    private readonly string _conditions;
    private readonly ConcurrentDictionary<string, SyncedProject> _seen = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ProjectLocations> _locations = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _kept = [];
    private PulpException? _fault;
    private int _answered;
    private int _unreachable;
    private int _unreachableFiles;

    private SyncRun(
        SyncContext<PythonRepository, PythonRemote> sync,
        Blocklist blocklist,
        IReadOnlyDictionary<string, SyncedProject> known,
        string conditions,
        DateTimeOffset now
    )
    {
        Sync = sync;
        Blocklist = blocklist;
        Now = now;
        _known = known;
        _conditions = conditions;
        Filter = new RemoteFilter(sync.Remote);
        Index = new IndexClient(sync.Url, sync.FetchAsync);
    }

    public SyncContext<PythonRepository, PythonRemote> Sync { get; }

    public RemoteFilter Filter { get; }

    public IndexClient Index { get; }

    /// <summary>What the repository refuses whoever brings it.</summary>
    public Blocklist Blocklist { get; }

    /// <summary>When the sync began.</summary>
    public DateTimeOffset Now { get; }

    /// <summary>As many projects at once as the remote takes requests.</summary>
    public int Concurrency => (int)Math.Clamp(Sync.Remote.DownloadConcurrency ?? 10, 1, 100);

    public static async Task<SyncRun> BeginAsync(
        SyncContext<PythonRepository, PythonRemote> sync,
        IRepositoryVersions versions,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        var blocklist = await Blocklist.OfAsync(sync.Task.Db, sync.Repository.PulpId, cancellationToken);
        var conditions = $"{sync.Remote.PulpId} {sync.Remote.PulpLastUpdated:O} {sync.Url} {blocklist.Fingerprint}";
        var latest = await versions.LatestAsync(sync.Repository.PulpId, cancellationToken);
        var known =
            sync.Optimize && latest is not null
                ? await SyncedProjects.ReadAsync(
                    sync.Task.Db,
                    sync.Repository.PulpId,
                    conditions,
                    latest.Number,
                    cancellationToken
                )
                : new Dictionary<string, SyncedProject>(StringComparer.Ordinal);
        return new SyncRun(sync, blocklist, known, conditions, clock.GetUtcNow());
    }

    /// <summary>What the last sync saw of a project; null when it has to be read.</summary>
    public SyncedProject? Known(string project) => _known.GetValueOrDefault(project);

    /// <summary>What the index says of where else a project is.</summary>
    public void Located(string project, ProjectLocations locations) => _locations[project] = locations;

    /// <summary>The project is what it was.</summary>
    public void Keep(SyncedProject project)
    {
        Answered();
        _kept.Enqueue(project.Name);
        _seen[project.Name] = project;
    }

    /// <summary>The project was read whole.</summary>
    public void Read(SyncedProject project)
    {
        Answered();
        _seen[project.Name] = project;
    }

    /// <summary>The index has no such project: what the repository has of it goes with a mirroring sync.</summary>
    public void Missing(string project)
    {
        Volatile.Write(ref _unreachable, 0);
        Sync.Task.Warn("python.project_missing", $"The index has no project {project}.");
    }

    /// <summary>The project can't be read: what the repository has of it stays.</summary>
    /// <exception cref="UpstreamException">Nothing can be read any more.</exception>
    public async Task FailedAsync(string project, PulpException error, CancellationToken cancellationToken)
    {
        _fault = error;
        _seen.TryRemove(project, out _);
        _kept.Enqueue(project);
        if (
            error is UpstreamException { UpstreamStatus: null }
            && Interlocked.Increment(ref _unreachable) >= MostUnreachable
        )
        {
            await Index.ReachAsync(cancellationToken);
            Volatile.Write(ref _unreachable, 0);
        }

        Sync.Task.Warn("python.project_failed", $"The project {project} can't be read: {error.Message}");
    }

    /// <summary>A file of a project that was read can't be had: the next sync looks at the project again.</summary>
    public void Incomplete(string project, string filename, PulpException error)
    {
        _seen.TryRemove(project, out _);
        Sync.Task.Warn("python.file_failed", $"{filename} of the project {project} is left out: {error.Message}");
    }

    /// <summary>
    /// False when so many files couldn't be reached that their host counts as gone: then the sync fails rather than leave out the rest.
    /// </summary>
    public bool GoesOnWithout(string project, string filename, PulpException error)
    {
        if (
            error is UpstreamException { UpstreamStatus: null }
            && Interlocked.Increment(ref _unreachableFiles) >= MostUnreachable
        )
        {
            return false;
        }

        Incomplete(project, filename, error);
        return true;
    }

    /// <summary>A package has no provenance though the index names one: the next sync looks at the project again.</summary>
    public void WithoutProvenance(string project, string filename, string reason)
    {
        _seen.TryRemove(project, out _);
        Sync.Task.Warn("python.provenance_failed", $"{filename} has no provenance here: {reason}");
    }

    /// <summary>Keeps what didn't change, and remembers what was seen once the version is complete.</summary>
    /// <param name="contents">Is told what changed without a new version.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="UpstreamException">No project could be read, or the upstream is no index.</exception>
    public async Task EndAsync(IContents contents, CancellationToken cancellationToken)
    {
        if (_answered == 0 && _fault is not null)
        {
            throw _fault;
        }

        if (_answered == 0 && Filter.NamesProjects)
        {
            // None of the named projects is there: is this an index at all?
            await Index.ProjectsAsync(cancellationToken);
        }

        foreach (var names in _kept.Chunk(500))
        {
            await Sync.KeepAsync<PythonPackageContent>($"d.name_normalized in {names}", cancellationToken);
            await Sync.KeepAsync<PackageYank>($"d.name_normalized in {names}", cancellationToken);
            await Sync.KeepAsync<PackageProvenance>(
                $"""
                d.package_id in (select p.pulp_id from python_pythonpackagecontent p where p.name_normalized in {names})
                """,
                cancellationToken
            );
        }

        Sync.Then(
            async (version, token) =>
            {
                if (await SyncedLocations.StoreAsync(Sync.Task.Db, version.RepositoryId, _locations, token))
                {
                    await contents.TellChangedAsync(token);
                }

                await SyncedProjects.StoreAsync(Sync.Task.Db, version, _conditions, _known, [.. _seen.Values], token);
            }
        );
    }

    private void Answered()
    {
        Interlocked.Increment(ref _answered);
        Volatile.Write(ref _unreachable, 0);
    }
}
