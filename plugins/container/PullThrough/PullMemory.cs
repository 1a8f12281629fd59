using System.Collections.Concurrent;
using Microsoft.Extensions.Caching.Memory;
using Pulp.PluginSdk.Errors;

namespace PulpContainer.PullThrough;

/// <summary>
/// What this process knows of caches and their upstreams, so that clients which pull the same tag again and again don't ask upstream each
/// time, and one that doesn't answer isn't waited for by everybody.
/// </summary>
internal sealed class PullMemory(TimeProvider clock) : IDisposable
{
    /// <summary>A client that pulls an image asks for its tag several times.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan LeftAlone = TimeSpan.FromSeconds(30);
    private const int MostRemembered = 100_000;

    /// <summary>What all lists together may take.</summary>
    private const long MostListBytes = 32 * 1024 * 1024;

    /// <summary>About what a list takes beside its items, and an item beside its text.</summary>
    private const int ListBytes = 512,
        ItemBytes = 128;

    private readonly ConcurrentDictionary<(Guid Distribution, string Reference), DateTimeOffset> _checked = [];
    private readonly MemoryCache _lists = new(
        new MemoryCacheOptions
        {
            SizeLimit = MostListBytes,
            CompactionPercentage = 0.25,
            ExpirationScanFrequency = Fresh,
        }
    );
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
        _lists.TryGetValue((distribution, what), out Listing? known)
        && known is not null
        && clock.GetUtcNow() - known.At < Fresh
            ? known.List as IReadOnlyList<T>
            : null;

    /// <summary>Keeps a list for a short time; where there is no room for it, it is asked for each time.</summary>
    public void Listed<T>(Guid distribution, string what, IReadOnlyList<T> list, Func<T, int> length) =>
        _lists.Set(
            (distribution, what),
            new Listing(list, clock.GetUtcNow()),
            new MemoryCacheEntryOptions
            {
                Size = ListBytes + list.Sum(item => ItemBytes + (long)sizeof(char) * length(item)),
                AbsoluteExpirationRelativeToNow = Fresh,
            }
        );

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

    public void Dispose() => _lists.Dispose();

    private sealed record Listing(object List, DateTimeOffset At);

    private sealed record Refusal(UpstreamException Error, DateTimeOffset At);
}
