using System.Collections.Frozen;
using Pulp.PluginSdk.Serving;

namespace Pulp.TestPlugins.Wheels;

/// <summary>The wheels of a version by project, as installers ask for them.</summary>
internal sealed class WheelIndex(FrozenDictionary<string, IReadOnlyList<Wheel>> projects)
{
    public IEnumerable<string> Projects => projects.Keys.Order(StringComparer.Ordinal);

    public IReadOnlyList<Wheel>? Files(string project) => projects.GetValueOrDefault(project);

    /// <summary>The index of what is served, read once for each state.</summary>
    public static ValueTask<WheelIndex> OfAsync(IServedDistribution served, CancellationToken cancellationToken) =>
        served.RememberAsync("index", token => ReadAsync(served, token), cancellationToken);

    private static async Task<(WheelIndex Index, long Bytes)> ReadAsync(
        IServedDistribution served,
        CancellationToken cancellationToken
    )
    {
        var files = new List<Wheel>();
        await foreach (var wheel in served.ContentAsync<Wheel>(where: null, cancellationToken))
        {
            files.Add(wheel);
        }

        var projects = files
            .OrderBy(f => f.Filename, StringComparer.Ordinal)
            .GroupBy(f => SimplePages.Normal(f.Name), StringComparer.Ordinal)
            .ToFrozenDictionary(g => g.Key, g => (IReadOnlyList<Wheel>)[.. g], StringComparer.Ordinal);
        return (new WheelIndex(projects), 100 + files.Sum(f => 200L + 2 * (f.Name.Length + f.Filename.Length)));
    }
}
