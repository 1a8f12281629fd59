namespace Pulp.Core.Platform.Resources;

/// <summary>The statement that reads a page of a list.</summary>
internal static class PageStatement
{
    /// <summary>
    /// Behind as many rows a page is found by its keys alone: rows that are skipped are read whole otherwise, and sorted whole where
    /// several values are asked for.
    /// </summary>
    public const int NearStart = 1000;

    /// <summary>As many times what a page holds is looked through for it.</summary>
    private const int Widening = 10;

    public static bool IsByKey(ResourceKind kind, ListRequest list) => list.Order == kind.Key + " desc";

    /// <param name="kind">The kind.</param>
    /// <param name="list">What is asked for.</param>
    /// <param name="source">Where the page is found.</param>
    /// <param name="count">How many there are; only of a page far behind it is needed.</param>
    /// <param name="more">More columns, behind the members'.</param>
    public static SqlText Of(ResourceKind kind, ListRequest list, PageSource source, long count, SqlText more)
    {
        var key = list.Driver?.Key ?? kind.Key;
        var (limit, offset, fromEnd) = IsByKey(kind, list) ? Range(list, count) : (list.Limit, list.Offset, false);
        var inner =
            !IsByKey(kind, list) ? list.Order
            : fromEnd ? key
            : key + " desc";
        var (columns, alias, order) = (kind.Columns(list.Outputs).Text, Sql.Name(kind.Alias), Sql.Name(list.Order));
        // The limit is written out: a planner that doesn't know how few rows are wanted plans for a tenth of the table.
        SqlText found = $"""
            from {source.From} where {source.Where}
             order by {Sql.Name(inner)} limit {Sql.Literal(limit)} {(offset > 0 ? $"offset {offset}" : (SqlText)$"")}
            """;

        // From the kind's own table the rows are taken; from others only their keys.
        return source.Key is null
            ? (SqlText)
                $"select {columns}{more} from (select {alias}.* {found}) {alias} {kind.AllJoins} order by {order}"
            : $"""
                select {columns}{more} from (select {Sql.Name(
                    source.Key
                )} as page_key {found}) page cross join {kind.From}
                 where {Sql.Name(kind.Key)} = page.page_key order by {order}
                """;
    }

    /// <summary>A page of what somebody sees, found along its keys.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="list">What is asked for.</param>
    /// <param name="seen">The keys.</param>
    /// <param name="count">How many there are.</param>
    /// <param name="more">More columns, behind the members'.</param>
    public static SqlText OfSeen(ResourceKind kind, ListRequest list, SeenKeys seen, long count, SqlText more)
    {
        var (limit, offset, fromEnd) = Range(list, count);
        return $"""
            select {kind.Columns(
                list.Outputs
            ).Text}{more} from ({seen.Page(limit, offset, descending: !fromEnd)}) page cross join {kind.From}
             where {Sql.Name(kind.Key)} = page.page_key order by {Sql.Name(list.Order)}
            """;
    }

    /// <summary>
    /// The rows to take of a list in the order of its keys, the newest first. The far half is read from the other end: the last page
    /// costs what the first does.
    /// </summary>
    private static (long Limit, long Offset, bool FromEnd) Range(ListRequest list, long count)
    {
        if (list.Offset <= NearStart || list.Offset <= count / 2)
        {
            return (list.Limit, list.Offset, false);
        }

        var end = Math.Min(list.Offset + list.Limit, count);
        return (Math.Max(end - list.Offset, 0), count - end, true);
    }

    /// <summary>A page of the newest rows that meet a condition, found by asking each. Few are asked: there may be less of them.</summary>
    public static SqlText Newest(ResourceKind kind, ListRequest list, SqlText where, SqlText more)
    {
        var key = Sql.Name(kind.Key);
        // The bound is an id: a limit around the rows would have all of them asked before the page is full.
        SqlText oldest = $"""
            select {key} from {kind.KeyTable} order by {key} desc limit 1 offset {Sql.Literal(
                (list.Offset + list.Limit) * Widening
            )}
            """;
        var source = new PageSource(kind.Rows, $"{where} and {key} >= coalesce(({oldest}), {Guid.Empty})", kind.Key);
        return Of(kind, list, source, count: long.MaxValue, more);
    }
}

/// <summary>Where a page is found.</summary>
/// <param name="From">The tables.</param>
/// <param name="Where">What of them is in the list.</param>
/// <param name="Key">The column that is the rows' key; null where the kind's own table is enough to find the page.</param>
internal sealed record PageSource(SqlText From, SqlText Where, string? Key);
