using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Models;

namespace PulpPython.Index;

/// <summary>How much an index has.</summary>
internal sealed record IndexCounts
{
    public long Projects { get; init; }

    public long Releases { get; init; }

    public long Files { get; init; }

    public static async Task<IndexCounts> OfAsync(
        IDb db,
        RepositoryVersionRef version,
        CancellationToken cancellationToken
    ) =>
        await db.FirstOrDefaultAsync<IndexCounts>(
            $"""
            select count(distinct d.name_normalized) as projects,
                   count(distinct d.name_normalized || ' ' || d.version) as releases,
                   count(*) as files
              from python_pythonpackagecontent d
              join core_repositorycontent rc on rc.content_id = d.pulp_id
             where {ReleaseFile.Holds(version, "rc")}
            """,
            cancellationToken
        ) ?? new IndexCounts();
}
