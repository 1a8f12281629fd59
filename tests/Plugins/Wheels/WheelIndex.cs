using System.Collections.Frozen;
using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Models;
using Pulp.PluginSdk.Serving;

namespace Pulp.TestPlugins.Wheels;

/// <summary>The wheels of a version by project, as installers ask for them.</summary>
internal sealed class WheelIndex(FrozenDictionary<string, IReadOnlyList<WheelFile>> projects)
{
    public IEnumerable<string> Projects => projects.Keys.Order(StringComparer.Ordinal);

    public IReadOnlyList<WheelFile>? Files(string project) => projects.GetValueOrDefault(project);

    /// <summary>The index of what is served, read once for each state.</summary>
    public static ValueTask<WheelIndex> OfAsync(
        IServedDistribution served,
        IDb db,
        CancellationToken cancellationToken
    ) => served.RememberAsync("index", token => ReadAsync(db, served.Version, token), cancellationToken);

    private static async Task<(WheelIndex Index, long Bytes)> ReadAsync(
        IDb db,
        RepositoryVersionRef? version,
        CancellationToken cancellationToken
    )
    {
        var files = await db.QueryAsync<WheelFile>(
            $"""
            select w.pulp_id, w.name, w.filename, w.sha256
              from core_repositorycontent rc
              join wheels_wheel w on w.pulp_id = rc.content_id
             where rc.repository_id = {version?.RepositoryId} and rc.version_added <= {version?.Number}
               and (rc.version_removed is null or rc.version_removed > {version?.Number})
             order by w.filename
            """,
            cancellationToken
        );
        var projects = files
            .GroupBy(f => SimplePages.Normal(f.Name), StringComparer.Ordinal)
            .ToFrozenDictionary(g => g.Key, g => (IReadOnlyList<WheelFile>)[.. g], StringComparer.Ordinal);
        return (new WheelIndex(projects), 100 + files.Sum(f => 200L + 2 * (f.Name.Length + f.Filename.Length)));
    }
}

/// <summary>A wheel in the index.</summary>
internal sealed record WheelFile
{
    public Guid PulpId { get; init; }

    public string Name { get; init; } = "";

    public string Filename { get; init; } = "";

    public string Sha256 { get; init; } = "";
}
