using System.Text.Json;
using Pulp.Core.Access;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Storage;

namespace Pulp.Core.Platform.Resources;

/// <summary>Writes resources from the database to the wire, row by row.</summary>
internal sealed class ResourceReader(Database database, SeenCounts counts, FileStorage storage)
{
    /// <summary>A page with its envelope.</summary>
    public async Task WriteListAsync(
        AdmittedRequest request,
        ResourceKind kind,
        ListRequest list,
        SqlText? scope,
        CancellationToken cancellationToken
    )
    {
        var reach = request.Reach;
        if (list.Driver?.Scope is { } asked && reach.Sight?.IsBy(kind, asked) == true)
        {
            reach = reach.Within(sight: null);
        }

        var seen = SeenAlone(kind, reach, list, scope);
        var filtered = list.Condition is not null || scope is not null || reach.Sight?.Where(kind) is not null;
        var where = Where(kind, reach, list, scope);

        // Keys first, rows afterwards: what is skipped and what is counted never touches more than it must.
        var alone =
            kind.IsInKeyTable || (!filtered && kind.CountsByKeyTable && !ReachableRows.NamesDomain(kind, reach));
        var source = Driven(list, alone ? $"{kind.KeyTable}" : kind.Rows);
        var remembered = seen is null ? null : await counts.FindAsync(seen, cancellationToken);
        var known = remembered?.Count ?? (filtered ? null : list.Driver?.Count);
        SqlText Counting() => seen?.Count ?? $"select count(*) from {source} where {where}";
        // A page near the start is found without the count, and brings it along.
        var brings = known is null && list.Offset <= PageStatement.NearStart;
        var count = known ?? (brings ? 0 : await database.FirstOrDefaultAsync<long>(Counting(), cancellationToken));

        // Nothing of the answer is sent before the last row is there: a failing query is still a clean error.
        await using var answer = new PagedAnswer(request.Response, storage);
        var page = new PageWriter(request, list, kind.Columns(list.Outputs), answer);
        if (
            seen?.Places is null
            || remembered is null
            || !await WriteNewestAsync(page, kind, list, where, remembered, cancellationToken)
        )
        {
            var found =
                filtered || KeysAlone(kind, list) is not { } keys
                    ? alone && list.IsOrderedBy(kind.Alias)
                        ? new PageSource(source, where, list.Offset <= PageStatement.NearStart ? null : kind.Key)
                        : new PageSource(Driven(list, kind.Rows), where, kind.Key)
                    : new PageSource(keys.Table, keys.Condition, keys.Key);
            found = found with { Seen = seen?.In(remembered?.Places) };
            var statement = PageStatement.Of(kind, list, found, count, brings ? (SqlText)$", ({Counting()})" : $"");
            if (await page.WriteAsync(database, statement, brings ? null : count, cancellationToken) == 0)
            {
                // Behind the last row, or there is none at all.
                page.WriteEmpty(
                    brings && list.Offset > 0
                        ? await database.FirstOrDefaultAsync<long>(Counting(), cancellationToken)
                        : count
                );
            }
        }

        await answer.SendAsync(cancellationToken);
    }

    /// <summary>
    /// Looks for the page among the newest rows, each of which is asked whether it is seen: for keys that don't stand in order as a
    /// whole. False where too few of the newest are seen; then nothing is written.
    /// </summary>
    private async Task<bool> WriteNewestAsync(
        PageWriter page,
        ResourceKind kind,
        ListRequest list,
        SqlText where,
        SeenCount seen,
        CancellationToken cancellationToken
    )
    {
        var expected = Math.Min(list.Limit, seen.Count - list.Offset);
        if (seen.IsRare || expected <= 0 || list.Offset + list.Limit > PageStatement.NearStart)
        {
            return false;
        }

        var newest = PageStatement.Newest(kind, list, where);
        if (await page.WriteAsync(database, newest, seen.Count, cancellationToken) == expected)
        {
            return true;
        }

        seen.IsRare |= list is { Offset: 0, Limit: >= ListRequest.UsualLimit };
        page.Clear();
        return false;
    }

    /// <summary>
    /// What somebody sees of a kind, where that is all that the list is of: then the page is found among the roles that were given,
    /// and the rows of others are never looked at.
    /// </summary>
    private static SeenKeys? SeenAlone(ResourceKind kind, Reach reach, ListRequest list, SqlText? scope) =>
        list is { Condition: null, Driver: null } && scope is null && PageStatement.IsByKey(kind, list)
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

    /// <summary>One resource by its key, or null; all its members unless some are named.</summary>
    public async Task<ReadOnlyMemory<byte>?> FindAsync(
        ResourceKind kind,
        Reach reach,
        ResourceKey key,
        CancellationToken cancellationToken,
        IReadOnlyList<OutputField>? outputs = null
    )
    {
        var columns = kind.Columns(outputs ?? kind.Outputs);
        System.Buffers.ArrayBufferWriter<byte>? buffer = null;
        await database.ReadRowsAsync(
            $"""
            select {columns.Text} from {kind.From}
             where {ReachableRows.WhereKey(kind, reach, key)}
            """,
            async (reader, token) =>
            {
                if (await reader.ReadAsync(token))
                {
                    buffer = new System.Buffers.ArrayBufferWriter<byte>(2048);
                    await using var json = new Utf8JsonWriter(buffer, WireJson.Writer);
                    columns.Write(json, new RowReader(reader, reach.Scope));
                }
            },
            cancellationToken
        );
        return buffer?.WrittenMemory;
    }

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
