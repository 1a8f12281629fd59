namespace Pulp.Core.Repositories;

/// <summary>How many units of each kind a version adds, removes and holds; derived from its base by the change.</summary>
internal static class VersionSummaries
{
    /// <summary>The statement that makes the summary of a version that is being completed.</summary>
    public static SqlText Derive(VersionRow version) =>
        $"""
            insert into core_versionsummary (version_id, content_type, added, removed, present)
            select {version.PulpId}, content_type, cast(sum(added) as bigint), cast(sum(removed) as bigint),
                   cast(sum(base) + sum(added) - sum(removed) as bigint)
              from ({Changes(version)}
                    union all
                    select content_type, 0, 0, present from core_versionsummary
                     where version_id = (select pulp_id from core_repositoryversion
                                          where repository_id = {version.RepositoryId} and complete and number < {version.Number}
                                          order by number desc limit 1)) x
             group by content_type
            having sum(added) > 0 or sum(removed) > 0 or sum(base) + sum(added) - sum(removed) > 0
            """;

    /// <summary>Counts a version's changes anew after its neighbour was squashed into it; what it holds is the same.</summary>
    public static async Task RecountAsync(IDb tx, VersionRow version, CancellationToken cancellationToken)
    {
        await tx.ExecuteAsync(
            $"update core_versionsummary set added = 0, removed = 0 where version_id = {version.PulpId}",
            cancellationToken
        );
        await tx.ExecuteAsync(
            $"""
            insert into core_versionsummary (version_id, content_type, added, removed, present)
            select {version.PulpId}, content_type, cast(sum(added) as bigint), cast(sum(removed) as bigint), 0
              from ({Changes(version)}) x
             where 1 = 1
             group by content_type
            on conflict (version_id, content_type) do update set added = excluded.added, removed = excluded.removed
            """,
            cancellationToken
        );
        await tx.ExecuteAsync(
            $"delete from core_versionsummary where version_id = {version.PulpId} and added = 0 and removed = 0 and present = 0",
            cancellationToken
        );
    }

    // SQLite keeps no statistics and would walk the whole repository by its key rather than use these.
    private static SqlText Changes(VersionRow version) =>
        $"""
            select c.pulp_type as content_type, count(*) as added, 0 as removed, 0 as base
              from core_repositorycontent rc {Sql.For("", "indexed by core_repositorycontent_added")}
              join core_content c on c.pulp_id = rc.content_id
             where rc.repository_id = {version.RepositoryId} and rc.version_added = {version.Number}
             group by c.pulp_type
            union all
            select c.pulp_type, 0, count(*), 0
              from core_repositorycontent rc {Sql.For("", "indexed by core_repositorycontent_removed")}
              join core_content c on c.pulp_id = rc.content_id
             where rc.repository_id = {version.RepositoryId} and rc.version_removed = {version.Number}
             group by c.pulp_type
            """;
}
