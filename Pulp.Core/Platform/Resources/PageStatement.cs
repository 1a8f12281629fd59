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
        var byKey = IsByKey(kind, list);
        var key = list.Driver?.Key ?? kind.Key;
        var inner = byKey ? key + " desc" : list.Order;
        var offset = list.Offset;
        var limit = (long)list.Limit;
        if (byKey && offset > NearStart && offset > count / 2)
        {
            // The far half is read from the other end: the last page costs what the first does.
            var end = Math.Min(offset + limit, count);
            limit = Math.Max(end - offset, 0);
            offset = count - end;
            inner = key;
        }

        var (columns, alias, order) = (kind.Columns(list.Outputs).Text, Sql.Name(kind.Alias), Sql.Name(list.Order));
        if (source.Seen is { } seen)
        {
            return $"""
                select {columns}{more} from ({seen.Page(limit, offset, inner != key)}) page cross join {kind.From}
                 where {Sql.Name(kind.Key)} = page.page_key order by {order}
                """;
        }

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

    /// <summary>A page of the newest rows that meet a condition, found by asking each. Few are asked: there may be less of them.</summary>
    public static SqlText Newest(ResourceKind kind, ListRequest list, SqlText where)
    {
        var key = Sql.Name(kind.Key);
        // The bound is an id: a limit around the rows would have all of them asked before the page is full.
        SqlText oldest = $"""
            select {key} from {kind.KeyTable} order by {key} desc limit 1 offset {Sql.Literal(
                (list.Offset + list.Limit) * Widening
            )}
            """;
        var source = new PageSource(kind.Rows, $"{where} and {key} >= coalesce(({oldest}), {Guid.Empty})", kind.Key);
        return Of(kind, list, source, count: long.MaxValue, $"");
    }
}

/// <summary>Where a page is found.</summary>
/// <param name="From">The tables.</param>
/// <param name="Where">What of them is in the list.</param>
/// <param name="Key">The column that is the rows' key; null where the kind's own table is enough to find the page.</param>
internal sealed record PageSource(SqlText From, SqlText Where, string? Key)
{
    /// <summary>What somebody sees, where the page is found among that.</summary>
    public SeenKeys? Seen { get; init; }
}
