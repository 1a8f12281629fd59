using System.Text.Json;
using Pulp.Core.Access;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Storage;

namespace Pulp.Core.Platform.Resources;

/// <summary>Writes resources from the database to the wire, row by row.</summary>
internal sealed class ResourceReader(Database database, SeenPages seenPages, FileStorage storage)
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

        // Nothing of the answer is sent before the last row is there: a failing query is still a clean error.
        await using var answer = new PagedAnswer(request.Response, storage);
        var page = new PageWriter(request, list, kind.Columns(list.Outputs), answer);
        var where = Where(kind, reach, list, scope);
        var seen = SeenAlone(kind, reach, list, scope);
        await (
            seen?.Stamp is { } stamp ? seenPages.WriteAsync(page, kind, list, where, seen, stamp, cancellationToken)
            : seen is not null ? WriteSeenAsync(page, kind, list, seen, cancellationToken)
            : WriteAsync(page, kind, reach, list, where, IsFiltered(kind, reach, list, scope), cancellationToken)
        );
        await answer.SendAsync(cancellationToken);
    }

    private static bool IsFiltered(ResourceKind kind, Reach reach, ListRequest list, SqlText? scope) =>
        list.Condition is not null || scope is not null || reach.Sight?.Where(kind) is not null;

    private async Task WriteAsync(
        PageWriter page,
        ResourceKind kind,
        Reach reach,
        ListRequest list,
        SqlText where,
        bool filtered,
        CancellationToken cancellationToken
    )
    {
        // Keys first, rows afterwards: what is skipped and what is counted never touches more than it must.
        var alone =
            kind.IsInKeyTable || (!filtered && kind.CountsByKeyTable && !ReachableRows.NamesDomain(kind, reach));
        var source = Driven(list, alone ? $"{kind.KeyTable}" : kind.Rows);
        var counting = new Counting(
            filtered ? null : list.Driver?.Count,
            $"select count(*) from {source} where {where}"
        );
        var found =
            !filtered && KeysAlone(kind, list) is { } keys ? new PageSource(keys.Table, keys.Condition, keys.Key)
            : alone && list.IsOrderedBy(kind.Alias)
                ? new PageSource(source, where, list.Offset <= PageStatement.NearStart ? null : kind.Key)
            : new PageSource(Driven(list, kind.Rows), where, kind.Key);
        await WriteAsync(
            page,
            list,
            counting,
            (count, more) => PageStatement.Of(kind, list, found, count, more),
            cancellationToken
        );
    }

    private Task WriteSeenAsync(
        PageWriter page,
        ResourceKind kind,
        ListRequest list,
        SeenKeys seen,
        CancellationToken cancellationToken
    ) =>
        WriteAsync(
            page,
            list,
            new Counting(Known: null, seen.Count),
            (count, more) => PageStatement.OfSeen(kind, list, seen, count, more),
            cancellationToken
        );

    /// <summary>How many rows a list has: known, or counted.</summary>
    private sealed record Counting(long? Known, SqlText Statement);

    private async Task WriteAsync(
        PageWriter page,
        ListRequest list,
        Counting counting,
        Func<long, SqlText, SqlText> statement,
        CancellationToken cancellationToken
    )
    {
        // A page near the start is found without the count, and brings it along.
        var brings = counting.Known is null && list.Offset <= PageStatement.NearStart;
        var count =
            counting.Known
            ?? (brings ? 0 : await database.FirstOrDefaultAsync<long>(counting.Statement, cancellationToken));
        var rows = await page.WriteAsync(
            database,
            statement(count, brings ? (SqlText)$", ({counting.Statement})" : $""),
            new PageCount(brings ? null : count),
            cancellationToken
        );
        if (rows == 0)
        {
            // Behind the last row, or there is none at all.
            page.WriteEmpty(
                brings && list.Offset > 0
                    ? await database.FirstOrDefaultAsync<long>(counting.Statement, cancellationToken)
                    : count
            );
        }
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
