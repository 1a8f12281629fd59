namespace Pulp.Core.Platform.Resources;

/// <summary>The way on which a page of a list is found.</summary>
internal abstract record ListPlan
{
    public static ListPlan Of(ResourceKind kind, Reach reach, ListRequest list, SqlText? scope) =>
        SeenAlone(kind, reach, list, scope) is { } seen
            ? OfSeen(kind, reach, list, seen)
            : OfRows(kind, reach, list, scope);

    private static ListPlan OfSeen(ResourceKind kind, Reach reach, ListRequest list, SeenKeys seen) =>
        seen.Stamp is { } stamp
            ? new RememberedPlan(Where(kind, reach, list, scope: null), seen, stamp)
            : new CountedPlan(
                KnownCount: null,
                seen.Count,
                (count, more) => PageStatement.OfSeen(kind, list, seen, count, more)
            );

    /// <summary>Keys first, rows afterwards: what is skipped and what is counted never touches more than it must.</summary>
    private static CountedPlan OfRows(ResourceKind kind, Reach reach, ListRequest list, SqlText? scope)
    {
        var where = Where(kind, reach, list, scope);
        var filtered = list.Condition is not null || scope is not null || reach.Sight?.Where(kind) is not null;
        var alone =
            kind.IsInKeyTable || (!filtered && kind.CountsByKeyTable && !ReachableRows.NamesDomain(kind, reach));
        var source = Driven(list, alone ? $"{kind.KeyTable}" : kind.Rows);
        var found =
            !filtered && KeysAlone(kind, list) is { } keys ? new PageSource(keys.Table, keys.Condition, keys.Key)
            : alone && list.IsOrderedBy(kind.Alias)
                ? new PageSource(source, where, list.Offset <= PageStatement.NearStart ? null : kind.Key)
            : new PageSource(Driven(list, kind.Rows), where, kind.Key);
        return new CountedPlan(
            filtered ? null : list.Driver?.Count,
            $"select count(*) from {source} where {where}",
            (count, more) => PageStatement.Of(kind, list, found, count, more)
        );
    }

    /// <summary>
    /// What somebody sees of a kind, where that is all that the list is of: then the page is found among the roles that were given,
    /// and the rows of others are never looked at.
    /// </summary>
    private static SeenKeys? SeenAlone(ResourceKind kind, Reach reach, ListRequest list, SqlText? scope) =>
        list is { Condition: null, Driver: null }
        && scope is null
        && PageStatement.IsByKey(kind, list)
        // Where addresses name no domains though there are several, what somebody sees isn't divided by them.
        && (!ReachableRows.NamesDomain(kind, reach) || reach.Sight?.IsDivided == true)
            ? reach.Sight?.Keys(kind)
            : null;

    // The cross join keeps SQLite's planner at this order: from the driver to the rows.
    private static SqlText Driven(ListRequest list, SqlText source) =>
        list.Driver is null ? source : $"{list.Driver.Table} cross join {source}";

    /// <summary>
    /// The set of which the page is, where its keys are all that it takes to find the page. Joined to the rows, PostgreSQL would
    /// rather merge two indexes, and walk over everything that is younger than the set to find the first of it.
    /// </summary>
    private static ListDriver? KeysAlone(ResourceKind kind, ListRequest list) =>
        list.Driver is { IsWhole: true } driver && kind.Visible is null && PageStatement.IsByKey(kind, list)
            ? driver
            : null;

    private static SqlText Where(ResourceKind kind, Reach reach, ListRequest list, SqlText? scope)
    {
        SqlText[] all =
        [
            ReachableRows.WhereListed(kind, reach),
            .. new[] { scope, list.Condition }.OfType<SqlText>(),
            .. list.Driver is { } driver
                ? (SqlText[])[driver.Condition, $"{Sql.Name(kind.Key)} = {Sql.Name(driver.Key)}"]
                : [],
        ];
        return Sql.All(all);
    }
}

/// <summary>
/// Among the keys of what somebody sees, whose number is remembered: whether that is right is read with the page
/// (<see cref="SeenPages"/>).
/// </summary>
/// <param name="Where">The condition by which a row is seen.</param>
/// <param name="Seen">The keys.</param>
/// <param name="Stamp">Says whether the number is right.</param>
internal sealed record RememberedPlan(SqlText Where, SeenKeys Seen, SqlText Stamp) : ListPlan;

/// <summary>By one statement, with the number of all rows.</summary>
/// <param name="KnownCount">That number where it is known.</param>
/// <param name="Count">Counts them.</param>
/// <param name="Page">Reads the page; takes the number, which only a page far behind the start needs, and more columns.</param>
internal sealed record CountedPlan(long? KnownCount, SqlText Count, Func<long, SqlText, SqlText> Page) : ListPlan;
