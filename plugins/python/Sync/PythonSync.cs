using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Pulp.PluginSdk.Contents;
using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Repositories;
using Pulp.PluginSdk.Sync;
using Pulp.PluginSdk.Tasks;
using PulpPython.Names;
using PulpPython.Remotes;
using PulpPython.Repositories;

namespace PulpPython.Sync;

/// <summary>
/// Reads an index project by project, several at once. A project that can't be read is told, and keeps what the repository has of it;
/// the others go on.
/// </summary>
internal sealed class PythonSync(IRepositoryVersions versions, IContents contents, TimeProvider clock)
    : SyncPlan<PythonRepository, PythonRemote>
{
    private const int Buffered = 1_000;

    /// <summary>
    /// PyPI counts the changes of all projects and has passed this long ago. Smaller indexes may begin anew when another repository is put
    /// behind their address: their projects are asked for.
    /// </summary>
    private const long SmallestSerial = 10_000_000;

    /// <inheritdoc />
    public override async IAsyncEnumerable<DeclaredContent> DeclareAsync(
        SyncContext<PythonRepository, PythonRemote> sync,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        if (!sync.Url.StartsWith("http", StringComparison.OrdinalIgnoreCase))
        {
            throw new UpstreamException("Indexes of python packages are read by http and https only.");
        }

        await using var progress = sync.Task.Progress("Fetching Project Metadata", "sync.fetching.project");
        var run = await SyncRun.BeginAsync(sync, versions, clock, cancellationToken);
        var projects = await ProjectsAsync(run, cancellationToken);
        progress.SetTotal(projects.Count);

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var channel = Channel.CreateBounded<DeclaredContent>(
            new BoundedChannelOptions(Buffered) { SingleReader = true }
        );
        var reading = ReadAsync(run, projects, progress, channel.Writer, stop.Token);
        try
        {
            await foreach (var unit in channel.Reader.ReadAllAsync(cancellationToken))
            {
                yield return unit;
            }
        }
        finally
        {
            await stop.CancelAsync();
            await reading;
        }

        await run.EndAsync(contents, cancellationToken);
        progress.Complete();
    }

    private static async Task<IReadOnlyList<ListedProject>> ProjectsAsync(
        SyncRun run,
        CancellationToken cancellationToken
    )
    {
        if (run.Filter.NamesProjects)
        {
            return [.. run.Filter.Named.Select(n => new ListedProject(n, Serial: null))];
        }

        var listed = await run.Index.ProjectsAsync(cancellationToken);
        // One that gives all its projects the same serial doesn't count with it.
        var counts =
            listed.All(p => p.Serial is null or >= SmallestSerial)
            && listed.Select(p => p.Serial).Distinct().Take(2).Count() > 1;
        return
        [
            .. listed
                .DistinctBy(p => ProjectName.Normalize(p.Name), StringComparer.Ordinal)
                .Where(p => run.Filter.TakesProject(ProjectName.Normalize(p.Name)))
                .Select(p => counts ? p : p with { Serial = null }),
        ];
    }

    /// <summary>Never throws: what goes wrong reaches whoever reads the units.</summary>
    private static async Task ReadAsync(
        SyncRun run,
        IReadOnlyList<ListedProject> projects,
        IProgressReport progress,
        ChannelWriter<DeclaredContent> units,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await Parallel.ForEachAsync(
                projects,
                new ParallelOptions { MaxDegreeOfParallelism = run.Concurrency, CancellationToken = cancellationToken },
                async (project, token) =>
                {
                    await new ProjectSync(run, project, units).RunAsync(token);
                    progress.Increment();
                }
            );
            units.Complete();
        }
        catch (Exception error)
        {
            units.TryComplete(error);
        }
    }
}
