using System.Text.Json;

namespace PulpPython.Sync;

/// <summary>Which projects of other indexes are this one, as an index says (PEP 708).</summary>
/// <param name="Tracks">Addresses of the projects that it repeats or extends.</param>
/// <param name="Alternates">Addresses of those that may extend it.</param>
internal sealed record ProjectLocations(IReadOnlyList<string> Tracks, IReadOnlyList<string> Alternates)
{
    /// <summary>Nobody has more; what is above isn't taken.</summary>
    private const int Most = 100;
    private const int LongestAddress = 2_000;

    /// <summary>Nothing is said.</summary>
    public static ProjectLocations None { get; } = new([], []);

    public bool IsNone => Tracks.Count + Alternates.Count == 0;

    /// <summary>What an index says, where it is of addresses.</summary>
    /// <param name="page">The address of the page that says it.</param>
    /// <param name="tracks">As they stand there.</param>
    /// <param name="alternates">As they stand there.</param>
    public static ProjectLocations Of(Uri page, IEnumerable<string> tracks, IEnumerable<string> alternates)
    {
        var found = new ProjectLocations(Addresses(page, tracks), Addresses(page, alternates));
        return found.IsNone ? None : found;
    }

    /// <summary>As it is stored; null for none.</summary>
    public string? ToText() => IsNone ? null : JsonSerializer.Serialize(this);

    public static ProjectLocations FromText(string? text) =>
        text is null ? None : JsonSerializer.Deserialize<ProjectLocations>(text) ?? None;

    private static IReadOnlyList<string> Addresses(Uri page, IEnumerable<string> links) =>
        [
            .. links
                .Select(link => IndexLinks.TryResolve(page, link, out var url) ? IndexLinks.WithoutFragment(url) : "")
                .Where(address => address.Length is > 0 and <= LongestAddress)
                .Distinct(StringComparer.Ordinal)
                .Take(Most),
        ];
}
