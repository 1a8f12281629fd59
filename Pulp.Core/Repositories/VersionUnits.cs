namespace Pulp.Core.Repositories;

/// <summary>Selects of the units of versions, to be spliced into conditions.</summary>
internal static class VersionUnits
{
    public static SqlText In(Guid repository, long number) =>
        $"""
            select v.content_id from core_repositorycontent v
             where v.repository_id = {repository} and +v.version_added <= {number}
               and (v.version_removed is null or v.version_removed > {number})
            """;
}
