using System.Collections.Concurrent;
using Pulp.PluginSdk.Errors;

namespace PulpContainer.PullThrough;

/// <summary>
/// What this process knows of caches and their upstreams, so that clients which pull the same tag again and again don't ask upstream each
/// time, and one that doesn't answer isn't waited for by everybody.
/// </summary>
internal sealed class PullMemory(TimeProvider clock)
{
    /// <summary>A client that pulls an image asks for its tag several times.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan LeftAlone = TimeSpan.FromSeconds(30);
    private const int MostRemembered = 100_000;
    private const int MostLists = 1_000;

    /// <summary>A longer list isn't kept: it is asked for each time.</summary>
    private const int LongestList = 10_000;

    private readonly ConcurrentDictionary<(Guid Distribution, string Reference), DateTimeOffset> _checked = [];
    private readonly ConcurrentDictionary<(Guid Distribution, string What), (object List, DateTimeOffset At)> _lists =
    [];
    private readonly ConcurrentDictionary<Guid, Refusal> _refusals = [];

    /// <summary>Whether upstream was asked just now.</summary>
    public bool IsFresh(Guid distribution, string reference) =>
        _checked.TryGetValue((distribution, reference), out var at) && clock.GetUtcNow() - at < Fresh;

    public void Checked(Guid distribution, string reference)
    {
        if (_checked.Count >= MostRemembered)
        {
            _checked.Clear();
        }

        _checked[(distribution, reference)] = clock.GetUtcNow();
    }

    /// <summary>What upstream has just listed; null where it wasn't asked.</summary>
    public IReadOnlyList<T>? ListOf<T>(Guid distribution, string what) =>
        _lists.TryGetValue((distribution, what), out var known) && clock.GetUtcNow() - known.At < Fresh
            ? known.List as IReadOnlyList<T>
            : null;

    public void Listed<T>(Guid distribution, string what, IReadOnlyList<T> list)
    {
        if (_lists.Count >= MostLists)
        {
            _lists.Clear();
        }

        if (list.Count <= LongestList)
        {
            _lists[(distribution, what)] = (list, clock.GetUtcNow());
        }
    }

    /// <summary>Why an upstream isn't to be asked at the moment; null where it is.</summary>
    public UpstreamException? RefusalOf(Guid remote) =>
        _refusals.TryGetValue(remote, out var refusal) && clock.GetUtcNow() - refusal.At < LeftAlone
            ? new UpstreamException(refusal.Error.Message, refusal.Error)
            {
                UpstreamStatus = refusal.Error.UpstreamStatus,
            }
            : null;

    /// <summary>Notes that an upstream didn't answer, or wants to be left alone.</summary>
    public void Refused(Guid remote, UpstreamException error)
    {
        // Of one that answers something else only the image is concerned.
        if (error.UpstreamStatus is null or 429 or >= 500)
        {
            _refusals[remote] = new Refusal(error, clock.GetUtcNow());
        }
    }

    public void Answered(Guid remote) => _refusals.TryRemove(remote, out _);

    private sealed record Refusal(UpstreamException Error, DateTimeOffset At);
}
