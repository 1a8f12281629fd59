namespace Pulp.Core.Platform.Resources;

/// <summary>
/// Pages of all that somebody sees of a kind, where their number is remembered: whether it still is right is read with the page
/// itself, in one statement.
/// </summary>
internal sealed class SeenPages(Database database, SeenCounts counts)
{
    /// <param name="page">Takes the page.</param>
    /// <param name="kind">The kind.</param>
    /// <param name="list">What is asked for; all that is seen, in the order of the keys.</param>
    /// <param name="plan">The keys of what is seen.</param>
    /// <param name="cancellationToken">The client went away.</param>
    public async Task WriteAsync(
        PageWriter page,
        ResourceKind kind,
        ListRequest list,
        RememberedPlan plan,
        CancellationToken cancellationToken
    )
    {
        var (where, seen, stamp) = plan;
        var wanted = new Wanted(page, kind, list, where, seen);
        if (counts.Remembered(seen) is { } remembered && await TryAsync(wanted, remembered, stamp, cancellationToken))
        {
            return;
        }

        page.Clear();
        var counted = await counts.FindAsync(seen, stamp, cancellationToken);
        if (!await TryAsync(wanted, counted, stamp: null, cancellationToken))
        {
            page.WriteEmpty(counted.Count);
        }
    }

    /// <summary>False where there are no rows, or the number isn't right any more.</summary>
    /// <param name="wanted">The page.</param>
    /// <param name="known">How many there are in the list.</param>
    /// <param name="stamp">Says whether the number is right; null where it was just read.</param>
    /// <param name="cancellationToken">The client went away.</param>
    private async Task<bool> TryAsync(
        Wanted wanted,
        SeenCount known,
        SqlText? stamp,
        CancellationToken cancellationToken
    )
    {
        var (page, kind, list, where, seen) = wanted;
        var expected = Math.Min(list.Limit, known.Count - list.Offset);
        if (expected <= 0)
        {
            return false;
        }

        var count = new PageCount(known.Count) { Stamp = stamp is null ? null : known.Stamp };
        SqlText more = stamp is null ? (SqlText)$"" : $", ({stamp})";
        if (seen.Places is not null && !known.IsRare && list.Offset + list.Limit <= PageStatement.NearStart)
        {
            // The newest rows, each of which is asked whether it is seen: for keys that don't stand in order as a whole.
            var newest = PageStatement.Newest(kind, list, where, more);
            var rows = await page.WriteAsync(database, newest, count, cancellationToken);
            if (rows is null || rows == expected)
            {
                return rows is not null;
            }

            // Without a stamp a row may have gone since they were counted.
            known.IsRare |= stamp is not null && list is { Offset: 0, Limit: >= ListRequest.UsualLimit };
            page.Clear();
        }

        var keys = PageStatement.OfSeen(kind, list, seen.In(known.Places), known.Count, more);
        return await page.WriteAsync(database, keys, count, cancellationToken) > 0;
    }

    private sealed record Wanted(PageWriter Page, ResourceKind Kind, ListRequest List, SqlText Where, SeenKeys Seen);
}
