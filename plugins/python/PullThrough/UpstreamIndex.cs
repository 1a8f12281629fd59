using System.Collections.Concurrent;
using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Upstreams;
using PulpPython.Remotes;
using PulpPython.Sync;

namespace PulpPython.PullThrough;

/// <summary>The files of a project that a remote passes on.</summary>
/// <param name="Files">Those that the remote's filters let through; none where it has no such project.</param>
/// <param name="Tag">What tells this page from others.</param>
internal sealed record UpstreamPage(IReadOnlyList<IndexFile> Files, string Tag)
{
    /// <summary>Where else the project is.</summary>
    public ProjectLocations Locations { get; init; } = ProjectLocations.None;
}

/// <summary>
/// One remote as it is configured, asked for projects while clients wait. What it said is asked for again after a while; an upstream
/// that doesn't answer is left alone for a while, so that clients get what is here at once.
/// </summary>
internal sealed class UpstreamIndex
{
    /// <summary>A client that reads a page and then fetches its files asks upstream once.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan LeftAlone = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly UpstreamPages _pages;
    private readonly ConcurrentDictionary<string, Lazy<Task<UpstreamPage>>> _asked = new(StringComparer.Ordinal);
    private readonly RemoteFilter _filter;
    private readonly IndexClient _client;
    private readonly TimeProvider _clock;
    private Refusal? _refusal;

    public UpstreamIndex(PythonRemote remote, IUpstreams upstreams, UpstreamPages pages, TimeProvider clock)
    {
        _pages = pages;
        _filter = new RemoteFilter(remote);
        _client = new IndexClient(remote.Url, upstreams.For(remote).FetchAsync);
        _clock = clock;
    }

    /// <summary>A project's files.</summary>
    /// <param name="project">Normalized.</param>
    /// <param name="cancellationToken">Stops waiting; others who wait for the same go on.</param>
    /// <exception cref="UpstreamException">It can't be asked.</exception>
    public async ValueTask<UpstreamPage> FindAsync(string project, CancellationToken cancellationToken)
    {
        if (!_filter.TakesProject(project))
        {
            return new UpstreamPage([], "");
        }

        var now = _clock.GetUtcNow();
        var known = _pages.Find(this, project);
        if (known is not null && now - known.CheckedAt < Fresh)
        {
            return known.Page;
        }

        if (_refusal is { } refusal && now - refusal.At < LeftAlone)
        {
            throw new UpstreamException(refusal.Error.Message, refusal.Error);
        }

        var asked = _asked.GetOrAdd(project, p => new Lazy<Task<UpstreamPage>>(() => AskAsync(p, known)));
        return await asked.Value.WaitAsync(cancellationToken);
    }

    /// <summary>Whether it had files of a project when it was asked last.</summary>
    /// <param name="project">Normalized.</param>
    public bool Knows(string project) => _pages.Find(this, project) is { Page.Files.Count: > 0 };

    private async Task<UpstreamPage> AskAsync(string project, RememberedPage? known)
    {
        using var patience = new CancellationTokenSource(Patience, _clock);
        try
        {
            var page = await _client.ProjectAsync(project, known?.Page.Tag, patience.Token) switch
            {
                ProjectAnswer.Unchanged when known is not null => known.Page,
                ProjectAnswer.Found found => new UpstreamPage(
                    [.. found.Page.Files.Where(f => _filter.PassesOn(project, f))],
                    found.Tag
                )
                {
                    Locations = found.Page.Locations,
                },
                _ => new UpstreamPage([], ""),
            };
            _pages.Keep(this, project, new RememberedPage(page, _clock.GetUtcNow()));
            _refusal = null;
            return page;
        }
        catch (UpstreamException error)
        {
            // Of one that answers something else only this project is concerned.
            _refusal = error.UpstreamStatus is null ? new Refusal(error, _clock.GetUtcNow()) : _refusal;
            throw;
        }
        catch (OperationCanceledException)
        {
            var error = new UpstreamException($"The upstream didn't answer within {Patience.TotalSeconds} seconds.");
            _refusal = new Refusal(error, _clock.GetUtcNow());
            throw error;
        }
        finally
        {
            _asked.TryRemove(project, out _);
        }
    }

    private sealed record Refusal(UpstreamException Error, DateTimeOffset At);
}
