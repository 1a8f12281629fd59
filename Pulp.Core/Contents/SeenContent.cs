using Pulp.Core.Platform.Resources;

namespace Pulp.Core.Contents;

/// <summary>What somebody sees of content: what is, or once was, in a repository that is seen.</summary>
internal static class SeenContent
{
    /// <summary>
    /// Units are seen that are, or once were, in a version of a repository that is seen. A version that isn't complete has the
    /// repository's next number.
    /// </summary>
    public static SqlText Where(ResourceKind kind, IScope scope)
    {
        var repositories = scope.For(typeof(Repository));
        return $"""
            exists (
              select 1 from core_repositorycontent rc
               where rc.content_id = {Sql.Name(kind.Key)}
                 and exists (
                   select 1 from core_repository m
                    where m.pulp_id = rc.repository_id and rc.version_added < m.next_version
                      and {repositories.Visible ?? $"1 = 1"} and {scope.Where(repositories) ?? $"1 = 1"})
               limit 1 offset 0)
            """;
    }

    /// <summary>
    /// The same units, found along the repositories. Who sees them changes with versions, repositories, roles and their holders, all
    /// of which are counted.
    /// </summary>
    public static SeenKeys Keys(ResourceKind kind, IScope scope)
    {
        var kept = scope.For(typeof(Repository));
        var seen = scope.Select(kept) is { } keys ? (SqlText)$"m.pulp_id in ({keys})" : $"1 = 1";
        SqlText repositories = $"""
            select m.pulp_id as place from core_repository m
             where m.next_version > 1 and {kept.Visible ?? $"1 = 1"} and {seen}
            """;
        return new SeenKeys([UnitsOf(kind, scope, $"in ({repositories})")], AreDisjoint: true)
        {
            Stamp = SeenKeys.Counted,
            Places = new KeyPlaces(repositories, place => UnitsOf(kind, scope, $"= {place}")),
        };
    }

    /// <summary>The units of some repositories. A repository may hold some of several kinds.</summary>
    private static KeySource UnitsOf(ResourceKind kind, IScope scope, SqlText which)
    {
        var here = scope.Here(kind);
        SqlText units =
            here is not null ? $"cross join {kind.Rows} where {Sql.Name(kind.Key)} = rc.content_id and {here} and"
            : kind.IsGeneric ? $"where"
            : (SqlText)$"cross join {kind.KeyTable} where {Sql.Name(kind.Key)} = rc.content_id and";
        return new KeySource(
            Sql.Name("rc.content_id"),
            $"""
            core_repository r cross join core_repositorycontent rc {units}
                  r.pulp_id {which} and rc.repository_id = r.pulp_id and rc.version_added < r.next_version
            """,
            Repeats: true
        );
    }
}
