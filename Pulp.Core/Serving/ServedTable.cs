using System.Collections.Frozen;
using Pulp.Core.Guards;

namespace Pulp.Core.Serving;

/// <summary>All distributions as they were at one moment, or later: what one serves changes in its place.</summary>
/// <param name="Places">
/// The distributions by the paths that clients know them by. Where addresses name domains, those of the default domain have a
/// second one without it, the one from before, unless that begins with a domain's name.
/// </param>
/// <param name="Domains">The domains that paths may begin with.</param>
/// <param name="Guards">The guards of distributions.</param>
/// <param name="Stamp">Counts changes.</param>
internal sealed record ServedTable(
    FrozenDictionary<string, ServedPlace> Places,
    FrozenSet<string> Domains,
    FrozenDictionary<Guid, ServedGuard> Guards,
    long Stamp
)
{
    private readonly FrozenDictionary<string, ServedPlace>.AlternateLookup<ReadOnlySpan<char>> _places =
        Places.GetAlternateLookup<ReadOnlySpan<char>>();

    public static ServedTable Empty { get; } =
        new(
            FrozenDictionary<string, ServedPlace>.Empty,
            FrozenSet<string>.Empty,
            FrozenDictionary<Guid, ServedGuard>.Empty,
            0
        );

    /// <summary>
    /// The distribution with the longest path that the path begins with. Base paths lie inside each other only where the upper
    /// one's kind allows it.
    /// </summary>
    /// <param name="path">Without a slash at its beginning.</param>
    /// <param name="rest">Where the base path ends: at a slash, or at the path's end.</param>
    public ServedDistribution? Find(ReadOnlySpan<char> path, out int rest)
    {
        (ServedDistribution? Distribution, int End) above = default;
        for (rest = 0; rest < path.Length; rest++)
        {
            var slash = path[rest..].IndexOf('/');
            rest = slash < 0 ? path.Length : rest + slash;
            if (_places.TryGetValue(path[..rest], out var place))
            {
                var distribution = place.Distribution;
                if (!distribution.IsAbove)
                {
                    return distribution;
                }

                above = (distribution, rest);
            }
        }

        rest = above.End;
        return above.Distribution;
    }
}

/// <summary>
/// Where a distribution is found. A version of its repository changes what stands there, however many distributions there are beside
/// it.
/// </summary>
internal sealed class ServedPlace(ServedDistribution distribution)
{
    private volatile ServedDistribution _distribution = distribution;

    public ServedDistribution Distribution
    {
        get => _distribution;
        set => _distribution = value;
    }
}
