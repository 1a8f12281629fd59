using System.Runtime.CompilerServices;
using Pulp.Core.Platform.Downloads;
using Pulp.Core.Platform.Storage;
using Pulp.PluginSdk.Sync;
using Pulp.PluginSdk.Tasks;
using Pulp.PluginSdk.Upstreams;

namespace Pulp.Core.Sync;

/// <summary>What a sync leaves for the next one: if all of it is the same again, there is nothing to do.</summary>
internal sealed record LastSync(string Fingerprint, string Conditions, long Version);

/// <summary>The running sync as its plan's context sees it.</summary>
internal sealed class SyncHost(
    SyncArgs args,
    Repository repository,
    Remote remote,
    Downloader downloader,
    ITaskContext task,
    LastSync? last
) : ISyncHost
{
    private int _fetched;

    public Repository Repository => repository;

    public Remote Remote => remote;

    public bool Mirror => args.Mirror;

    public bool Optimize => args.Optimize;

    public string Url => args.Url ?? remote.Url;

    public ITaskContext Task => task;

    public object? Options { get; init; }

    public bool Skipped { get; private set; }

    public string? Fingerprint { get; private set; }

    public async Task<UpstreamAnswer> FetchAsync(UpstreamRequest request, CancellationToken cancellationToken)
    {
        var call = new UpstreamCall(request);
        await using var file = await downloader.FetchAsync(call, cancellationToken);
        var path = Path.Combine(task.WorkingDirectory, $"fetched-{Interlocked.Increment(ref _fetched)}");
        return new UpstreamAnswer
        {
            Status = call.Status,
            Headers = call.Answered,
            Url = call.AnsweredUrl,
            Body = new FetchedFile
            {
                Path = path,
                Held = Held(file, path),
                Sha256 = file.Digests.Sha256,
                Size = file.Size,
                Url = request.Url,
            },
        };
    }

    /// <summary>The bytes of a small answer; a larger one is moved to its place.</summary>
    private static byte[]? Held(TemporaryFile file, string path)
    {
        if (file.InMemory() is { } bytes)
        {
            return bytes;
        }

        file.MoveTo(path);
        return null;
    }

    /// <summary>Keeps what the repository has and the condition holds for; known once the version is begun.</summary>
    public Func<Type, SqlText, CancellationToken, Task>? Keep { private get; set; }

    public Task KeepAsync(Type content, SqlText where, CancellationToken cancellationToken) =>
        Mirror && Keep is not null
            ? Keep(content, PluginStatement.Check(where), cancellationToken)
            : System.Threading.Tasks.Task.CompletedTask;

    private readonly List<Func<RepositoryVersionRef, CancellationToken, Task>> _then = [];

    public void Then(Func<RepositoryVersionRef, CancellationToken, Task> then) => _then.Add(then);

    /// <summary>Does what the plan wants done once there is a version.</summary>
    public async Task CompletedAsync(RepositoryVersionRef version, CancellationToken cancellationToken)
    {
        foreach (var then in _then)
        {
            await then(version, cancellationToken);
        }
    }

    public bool SkipUnchanged(string fingerprint)
    {
        Fingerprint = fingerprint;
        Skipped = Optimize && last is not null && last == ToLastSync(last.Version);
        return Skipped;
    }

    public LastSync ToLastSync(long version) => new(Fingerprint ?? "", Conditions(), version);

    /// <summary>Everything beside the upstream's metadata that the outcome depends on.</summary>
    private string Conditions() =>
        $"{remote.PulpId}/{remote.PulpLastUpdated:O}/{Url}/{remote.Policy}/{(Mirror ? "mirror" : "additive")}{args.Options}";

    /// <summary>A plan's own faults are told from those of the upstream: invalid data there is the upstream's.</summary>
    public async IAsyncEnumerable<DeclaredContent> GuardAsync(
        IAsyncEnumerable<DeclaredContent> declared,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await foreach (var one in declared.WithCancellation(cancellationToken))
        {
            foreach (var artifact in one.Artifacts)
            {
                if (!RelativePaths.IsSafe(artifact.RelativePath))
                {
                    throw new UpstreamException(
                        $"The upstream lists a path that is not allowed: '{RelativePaths.Shorten(artifact.RelativePath)}'."
                    );
                }
            }

            yield return one;
        }
    }
}
