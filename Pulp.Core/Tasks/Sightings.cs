namespace Pulp.Core.Tasks;

/// <summary>Another process's row, as it was found.</summary>
internal sealed record OtherProcess
{
    public Guid PulpId { get; init; }

    public string Name { get; init; } = "";

    public string AppType { get; init; } = "";

    public long TtlSeconds { get; init; }

    public DateTimeOffset LastHeartbeat { get; init; }

    public string Process { get; init; } = "";
}

/// <summary>
/// Judges by what was seen from here whether others still beat: who hasn't while we looked for as long as its TTL is gone. Time in
/// which we couldn't look ourselves, because the database was away or this process was suspended, counts for nobody; neither do
/// the clocks of other machines.
/// </summary>
internal sealed class Sightings(TimeSpan longestGap, TimeProvider clock)
{
    private Dictionary<Guid, Sighting> _seen = [];
    private long _lookedAt = clock.GetTimestamp();

    private sealed record Sighting(DateTimeOffset Heartbeat, TimeSpan Watched);

    /// <summary>Takes note of a successful look; answers who is gone.</summary>
    public IReadOnlyList<OtherProcess> Look(IReadOnlyList<OtherProcess> found)
    {
        var now = clock.GetTimestamp();
        var since = clock.GetElapsedTime(_lookedAt, now);
        var watched = since < longestGap ? since : longestGap;
        _lookedAt = now;
        var seen = new Dictionary<Guid, Sighting>(found.Count);
        foreach (var other in found)
        {
            seen[other.PulpId] =
                _seen.TryGetValue(other.PulpId, out var before) && before.Heartbeat == other.LastHeartbeat
                    ? before with
                    {
                        Watched = before.Watched + watched,
                    }
                    : new Sighting(other.LastHeartbeat, TimeSpan.Zero);
        }

        _seen = seen;
        return [.. found.Where(o => seen[o.PulpId].Watched > TimeSpan.FromSeconds(o.TtlSeconds))];
    }
}
