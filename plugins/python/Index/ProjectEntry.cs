using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Models;

namespace PulpPython.Index;

/// <summary>A project of an index, and when it changed last.</summary>
internal sealed record ProjectEntry
{
    /// <summary>As it spells itself.</summary>
    public string Name { get; init; } = "";

    /// <summary>As it stands in addresses.</summary>
    public string NameNormalized { get; init; } = "";

    /// <summary>Number of the repository version that changed it last: a mirror fetches those that changed.</summary>
    public long Serial { get; init; }

    /// <summary>The projects of which a version holds files.</summary>
    public static Task<IReadOnlyList<ProjectEntry>> AllAsync(
        IDb db,
        RepositoryVersionRef version,
        CancellationToken cancellationToken
    ) => db.QueryAsync<ProjectEntry>(Changes(version, $",", $"1 = 1", $"1 = 1"), cancellationToken);

    /// <summary>One of them; null when the version holds no file of it.</summary>
    public static Task<ProjectEntry?> FindAsync(
        IDb db,
        RepositoryVersionRef version,
        string project,
        CancellationToken cancellationToken
    ) =>
        db.FirstOrDefaultAsync<ProjectEntry>(
            Changes(version, $"cross join", $"d.name_normalized = {project}", $"y.name_normalized = {project}"),
            cancellationToken
        );

    /// <summary>Whatever came to a project or went, up to the version.</summary>
    /// <param name="version">The version.</param>
    /// <param name="join">
    /// Between the tables: a comma for all projects, of which the repository's rows are to be gone through, and <c>cross join</c> for one,
    /// which SQLite then finds first (see <see cref="ReleaseFile.OfAsync"/>).
    /// </param>
    /// <param name="packages">Which packages.</param>
    /// <param name="yanks">Which yanks.</param>
    private static SqlText Changes(RepositoryVersionRef version, SqlText join, SqlText packages, SqlText yanks)
    {
        var (repository, number) = (version.RepositoryId, version.Number);
        SqlText serial = $"case when rc.version_removed <= {number} then rc.version_removed else rc.version_added end";
        return $"""
            select min(x.name) as name, x.name_normalized, max(x.serial) as serial
              from (select d.name, d.name_normalized, {serial} as serial,
                           case when rc.version_removed <= {number} then 0 else 1 end as present
                      from python_pythonpackagecontent d {join} core_repositorycontent rc
                     where rc.content_id = d.pulp_id and rc.repository_id = {repository} and +rc.version_added <= {number} and {packages}
                     union all
                    select d.name, d.name_normalized, {serial}, 0
                      from python_pythonpackagecontent d {join} python_packageprovenance p {join} core_repositorycontent rc
                     where p.package_id = d.pulp_id and rc.content_id = p.pulp_id and rc.repository_id = {repository} and +rc.version_added <= {number} and {packages}
                     union all
                    select y.name, y.name_normalized, {serial}, 0
                      from python_packageyank y {join} core_repositorycontent rc
                     where rc.content_id = y.pulp_id and rc.repository_id = {repository} and +rc.version_added <= {number} and {yanks}) x
             group by x.name_normalized having sum(x.present) > 0
             order by x.name_normalized
            """;
    }
}
