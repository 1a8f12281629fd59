using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Models;

namespace PulpContainer.Registry;

/// <summary>Conditions on which units a version holds, for rows of <c>core_repositorycontent</c> under the alias <c>rc</c>.</summary>
internal static class InVersion
{
    public static SqlText Holds(RepositoryVersionRef version) =>
        $"""
            rc.repository_id = {version.RepositoryId} and rc.version_added <= {version.Number}
               and (rc.version_removed is null or rc.version_removed > {version.Number})
            """;
}
