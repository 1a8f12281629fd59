using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Models;

namespace PulpContainer.Registry;

/// <summary>
/// Conditions on which units a version holds, for rows of <c>core_repositorycontent</c> under the alias <c>rc</c>. The unary plus keeps
/// planners from walking the whole repository by (repository_id, version_added): what narrows is the content, found through the key
/// (repository_id, content_id).
/// </summary>
internal static class InVersion
{
    public static SqlText Holds(RepositoryVersionRef version) =>
        $"""
            rc.repository_id = {version.RepositoryId} and +rc.version_added <= {version.Number}
               and (rc.version_removed is null or rc.version_removed > {version.Number})
            """;

    /// <summary>The same, but for what a later version has removed, where the version may have been the latest a moment ago.</summary>
    public static SqlText StillHolds(RepositoryVersionRef version) =>
        $"""
            {Holds(version)}
               and (rc.version_removed is null
                    or rc.version_removed > (select max(later.number) from core_repositoryversion later
                                              where later.repository_id = {version.RepositoryId} and later.complete))
            """;
}
