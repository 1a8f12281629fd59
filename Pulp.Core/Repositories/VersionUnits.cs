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

    /// <summary>Units that a version holds and the one before it doesn't.</summary>
    public static SqlText Added(Guid repository, long number) =>
        $"""
            select v.content_id from core_repositorycontent v {Sql.For("", "indexed by core_repositorycontent_added")}
             where v.repository_id = {repository} and v.version_added = {number}
            """;

    /// <summary>Units that the version before it holds and it doesn't.</summary>
    public static SqlText Removed(Guid repository, long number) =>
        $"""
            select v.content_id from core_repositorycontent v {Sql.For("", "indexed by core_repositorycontent_removed")}
             where v.repository_id = {repository} and v.version_removed = {number}
            """;

    /// <summary>
    /// Whether a version holds a unit, one look at its key; a list of the units is made as a whole for each statement, however
    /// few are asked about. The unary plus is explained at <see cref="VersionBuilder"/>.
    /// </summary>
    public static SqlText Hold(Guid repository, long number, SqlText unit) =>
        $"""
            exists (select 1 from core_repositorycontent held
                     where held.repository_id = {repository} and held.content_id = {unit} and +held.version_added <= {number}
                       and (held.version_removed is null or held.version_removed > {number}))
            """;

    /// <summary>
    /// The condition on <c>d.pulp_id</c> of units that a version holds. All of them are listed; where another condition narrows them,
    /// its index finds them, and each is looked up.
    /// </summary>
    public static SqlText Among(Guid repository, long number, bool isNarrowed) =>
        isNarrowed ? Hold(repository, number, $"d.pulp_id") : $"d.pulp_id in ({In(repository, number)})";
}
