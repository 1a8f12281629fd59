using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Models;
using Pulp.PluginSdk.Tasks;
using Pulp.PluginSdk.Upstreams;

namespace Pulp.PluginSdk.Sync;

/// <summary>
/// Reads an upstream and declares what is there. Querying, downloading, hashing, saving and associating are done by the
/// stages that follow.
/// </summary>
/// <typeparam name="TRepository">The repository's kind.</typeparam>
/// <typeparam name="TRemote">The remote's kind.</typeparam>
public abstract class SyncPlan<TRepository, TRemote> : ISyncPlan
    where TRepository : Repository
    where TRemote : Remote
{
    /// <summary>Declares the upstream's units, in the upstream's order, one at a time.</summary>
    /// <param name="sync">The sync.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public abstract IAsyncEnumerable<DeclaredContent> DeclareAsync(
        SyncContext<TRepository, TRemote> sync,
        CancellationToken cancellationToken
    );

    IAsyncEnumerable<DeclaredContent> ISyncPlan.DeclareAsync(ISyncHost host, CancellationToken cancellationToken) =>
        DeclareAsync(new SyncContext<TRepository, TRemote>(host), cancellationToken);

    Type ISyncPlan.RemoteType => typeof(TRemote);
}

/// <summary>A plan whose requests carry options beyond remote, mirror and optimize.</summary>
/// <typeparam name="TRepository">The repository's kind.</typeparam>
/// <typeparam name="TRemote">The remote's kind.</typeparam>
/// <typeparam name="TOptions">
/// A record whose fields are the options: they stand in the API document and are checked by their own rules; initializers are the
/// defaults. Another option is another sync: nothing is skipped then as unchanged.
/// </typeparam>
public abstract class SyncPlan<TRepository, TRemote, TOptions> : ISyncPlan
    where TRepository : Repository
    where TRemote : Remote
    where TOptions : class
{
    /// <summary>Declares the upstream's units, in the upstream's order, one at a time.</summary>
    /// <param name="sync">The sync.</param>
    /// <param name="options">
    /// The request's options. A sync that nobody asked for, as of an alternate content source, has the defaults.
    /// </param>
    /// <param name="cancellationToken">Stops it.</param>
    public abstract IAsyncEnumerable<DeclaredContent> DeclareAsync(
        SyncContext<TRepository, TRemote> sync,
        TOptions options,
        CancellationToken cancellationToken
    );

    IAsyncEnumerable<DeclaredContent> ISyncPlan.DeclareAsync(ISyncHost host, CancellationToken cancellationToken) =>
        DeclareAsync(
            new SyncContext<TRepository, TRemote>(host),
            (TOptions)(host.Options ?? throw new InvalidOperationException("The sync has no options.")),
            cancellationToken
        );

    Type ISyncPlan.RemoteType => typeof(TRemote);
}

internal interface ISyncPlan
{
    Type RemoteType { get; }

    IAsyncEnumerable<DeclaredContent> DeclareAsync(ISyncHost host, CancellationToken cancellationToken);
}

internal interface ISyncHost
{
    Repository Repository { get; }

    Remote Remote { get; }

    bool Mirror { get; }

    bool Optimize { get; }

    string Url { get; }

    ITaskContext Task { get; }

    object? Options { get; }

    Task<UpstreamAnswer> FetchAsync(UpstreamRequest request, CancellationToken cancellationToken);

    bool SkipUnchanged(string fingerprint);

    Task KeepAsync(Type content, SqlText where, CancellationToken cancellationToken);

    void Then(Func<RepositoryVersionRef, CancellationToken, Task> then);
}

/// <summary>A sync in progress, as its plan sees it.</summary>
/// <typeparam name="TRepository">The repository's kind.</typeparam>
/// <typeparam name="TRemote">The remote's kind.</typeparam>
public sealed class SyncContext<TRepository, TRemote>
    where TRepository : Repository
    where TRemote : Remote
{
    private readonly ISyncHost _host;

    internal SyncContext(ISyncHost host) => _host = host;

    /// <summary>What is synced.</summary>
    public TRepository Repository => (TRepository)_host.Repository;

    /// <summary>Where from.</summary>
    public TRemote Remote => (TRemote)_host.Remote;

    /// <summary>True when what upstream lacks will be removed.</summary>
    public bool Mirror => _host.Mirror;

    /// <summary>
    /// False when everything is to be looked at again, also what hasn't changed: for plans that remember more than a fingerprint.
    /// </summary>
    public bool Optimize => _host.Optimize;

    /// <summary>The upstream's address: the remote's, or a path of an alternate content source below it.</summary>
    public string Url => _host.Url;

    /// <summary>The running task.</summary>
    public ITaskContext Task => _host.Task;

    /// <summary>Fetches a metadata file into the task's directory, with the remote's credentials, limits and retries.</summary>
    /// <param name="url">Absolute address.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="Errors.UpstreamException">It could not be fetched.</exception>
    public async Task<FetchedFile> FetchAsync(string url, CancellationToken cancellationToken) =>
        (await _host.FetchAsync(new UpstreamRequest(url), cancellationToken)).Body;

    /// <summary>
    /// Sends a request for metadata; the body lies in the task's directory as long as the task runs. Where 304 or 404 is an answer, the
    /// request says so.
    /// </summary>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="Errors.UpstreamException">It couldn't be reached, or answered with a status that is no answer here.</exception>
    /// <exception cref="Errors.DigestException">The body isn't what was expected.</exception>
    public Task<UpstreamAnswer> FetchAsync(UpstreamRequest request, CancellationToken cancellationToken) =>
        _host.FetchAsync(request, cancellationToken);

    /// <summary>
    /// True when the last sync of this repository saw the same fingerprint from the same unchanged remote with the same
    /// options, and the repository hasn't changed since: the plan then declares nothing and the repository stays as it is.
    /// </summary>
    /// <param name="fingerprint">Digest of the upstream's metadata.</param>
    public bool SkipUnchanged(string fingerprint) => _host.SkipUnchanged(fingerprint);

    /// <summary>
    /// Keeps units of the repository's newest version that didn't change, without declaring them again: a mirroring sync would
    /// remove them otherwise. Any other sync keeps what is there anyway, and nothing is done.
    /// </summary>
    /// <typeparam name="TContent">Their kind.</typeparam>
    /// <param name="where">
    /// Which of them: a condition on their rows, whose tables are <c>m</c> (the family's) and <c>d</c> (the plugin's).
    /// </param>
    /// <param name="cancellationToken">Stops it.</param>
    public Task KeepAsync<TContent>(SqlText where, CancellationToken cancellationToken)
        where TContent : Content => _host.KeepAsync(typeof(TContent), where, cancellationToken);

    /// <summary>
    /// Does something when the sync's version is complete, such as writing down what was seen of the upstream: of a sync that fails before,
    /// nothing is. What throws there fails the task; the version stays.
    /// </summary>
    /// <param name="then">Gets the new version, or where nothing changed the latest one.</param>
    public void Then(Func<RepositoryVersionRef, CancellationToken, Task> then) => _host.Then(then);

    /// <summary>
    /// The address of a path below the upstream's directory. The path can't change the host and can't climb; the query of
    /// the upstream's address is kept.
    /// </summary>
    /// <param name="relativePath">Path from the upstream's metadata.</param>
    /// <exception cref="Errors.UpstreamException">The path climbs, is absolute or is empty.</exception>
    public string UrlFor(string relativePath) => UpstreamUrl.Below(Url, relativePath);
}

/// <summary>A file that was fetched.</summary>
public sealed record FetchedFile
{
    private readonly string _path = "";

    /// <summary>Where it lies. A small one is only written there when somebody asks: read it by <see cref="Open"/>.</summary>
    public required string Path
    {
        get
        {
            if (Held is { } bytes)
            {
                lock (bytes)
                {
                    if (!File.Exists(_path))
                    {
                        File.WriteAllBytes(_path, bytes);
                    }
                }
            }

            return _path;
        }
        init => _path = value;
    }

    /// <summary>Its SHA-256, hex.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Bytes.</summary>
    public required long Size { get; init; }

    /// <summary>Where it came from; empty for a file that the plugin wrote.</summary>
    public string Url { get; init; } = "";

    /// <summary>The bytes of one that is in memory; null for one on the disk.</summary>
    internal byte[]? Held { get; init; }

    /// <summary>Opens it for reading.</summary>
    public Stream Open() =>
        Held is not null
            ? new MemoryStream(Held, writable: false)
            : new FileStream(_path, FileMode.Open, FileAccess.Read, FileShare.Read, 64 * 1024, useAsync: false);
}
