using System.Text.Json;
using Pulp.Core.Access;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Storage;

namespace Pulp.Core.Platform.Resources;

/// <summary>Writes resources from the database to the wire, row by row.</summary>
internal sealed class ResourceReader(Database database, FileStorage storage)
{
    /// <summary>
    /// Behind as many rows a page is found by its keys alone: rows that are skipped are read whole otherwise, and sorted whole where
    /// several values are asked for.
    /// </summary>
    private const int NearStart = 1000;

    /// <summary>A page with its envelope.</summary>
    public async Task WriteListAsync(
        AdmittedRequest request,
        ResourceKind kind,
        ListRequest list,
        SqlText? scope,
        CancellationToken cancellationToken
    )
    {
        var seen = SeenAlone(kind, request.Reach, list, scope);
        list = seen is null ? list : list with { Driver = seen };
        var filtered =
            seen is null
            && (list.Condition is not null || scope is not null || request.Reach.Sight?.Where(kind) is not null);
        var where = Where(kind, request.Reach, list, scope);

        // Keys first, rows afterwards: what is skipped and what is counted never touches more than it must.
        var alone =
            kind.IsInKeyTable
            || (!filtered && kind.CountsByKeyTable && !ReachableRows.NamesDomain(kind, request.Reach));
        var counted = Driven(list, alone ? $"{kind.KeyTable}" : kind.Rows);
        var count =
            (filtered || seen is not null ? null : list.Driver?.Count)
            ?? await database.FirstOrDefaultAsync<long>(
                seen is null
                    ? (SqlText)$"select count(*) from {counted} where {where}"
                    : $"select count(*) from {seen.Table}",
                cancellationToken
            );
        var page =
            filtered || (seen ?? KeysAlone(kind, list)) is not { } keys
                ? alone && list.IsOrderedBy(kind.Alias)
                    ? new PageSource(counted, where, list.Offset <= NearStart ? null : kind.Key)
                    : new PageSource(Driven(list, kind.Rows), where, kind.Key)
                : new PageSource(keys.Table, keys.Condition, keys.Key);

        // Nothing of the answer is sent before the last row is there: a failing query is still a clean error.
        var columns = kind.Columns(list.Outputs);
        await using var answer = new PagedAnswer(request.Response, storage);
        await database.ReadRowsAsync(
            Page(kind, list, page, count),
            async (reader, token) =>
            {
                var row = new RowReader(reader, request.Reach.Scope);
                await using var json = new Utf8JsonWriter(answer.Buffer, WireJson.Writer);
                WriteHead(json, request, list, count);
                while (await reader.ReadAsync(token))
                {
                    WriteObject(json, row, columns);
                    if (json.BytesPending + answer.Buffered > PagedAnswer.InMemory)
                    {
                        await json.FlushAsync(token);
                        await answer.PutAsideAsync(token);
                    }
                }

                json.WriteEndArray();
                json.WriteEndObject();
            },
            cancellationToken
        );
        await answer.SendAsync(cancellationToken);
    }

    /// <summary>
    /// What somebody sees of a kind, where that is all that the list is of: then the page is found among the roles that were given,
    /// and the rows of others are never looked at.
    /// </summary>
    private static ListDriver? SeenAlone(ResourceKind kind, Reach reach, ListRequest list, SqlText? scope) =>
        list is { Condition: null, Driver: null }
        && scope is null
        && IsByKey(kind, list)
        && reach.Sight?.Keys(kind) is { } keys
            ? new ListDriver($"({keys}) seen", "seen.id", $"1 = 1", Count: 0, IsWhole: true)
            : null;

    // The cross join keeps SQLite's planner at this order: from the driver to the rows.
    private static SqlText Driven(ListRequest list, SqlText source) =>
        list.Driver is null ? source : $"{list.Driver.Table} cross join {source}";

    /// <summary>
    /// The set of which the page is, where its keys are all that it takes to find the page. Joined to the rows, PostgreSQL would
    /// rather merge two indexes, and walk over everything that is younger than the set to find the first of it.
    /// </summary>
    private static ListDriver? KeysAlone(ResourceKind kind, ListRequest list) =>
        list.Driver is { IsWhole: true } driver && kind.Visible is null && IsByKey(kind, list) ? driver : null;

    private static bool IsByKey(ResourceKind kind, ListRequest list) => list.Order == kind.Key + " desc";

    /// <summary>Where a page is found.</summary>
    /// <param name="From">The tables.</param>
    /// <param name="Where">What of them is in the list.</param>
    /// <param name="Key">The column that is the rows' key; null where the kind's own table is enough to find the page.</param>
    private sealed record PageSource(SqlText From, SqlText Where, string? Key);

    private static SqlText Page(ResourceKind kind, ListRequest list, PageSource source, long count)
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

        // The limit is written out: a planner that doesn't know how few rows are wanted plans for a tenth of the table.
        SqlText found = $"""
            from {source.From} where {source.Where}
             order by {Sql.Name(inner)} limit {Sql.Literal(limit)} {(offset > 0 ? $"offset {offset}" : (SqlText)$"")}
            """;
        var (columns, alias, order) = (kind.Columns(list.Outputs).Text, Sql.Name(kind.Alias), Sql.Name(list.Order));

        // From the kind's own table the rows are taken; from others only their keys.
        return source.Key is null
            ? (SqlText)$"select {columns} from (select {alias}.* {found}) {alias} {kind.AllJoins} order by {order}"
            : $"""
                select {columns} from (select {Sql.Name(source.Key)} as page_key {found}) page cross join {kind.From}
                 where {Sql.Name(kind.Key)} = page.page_key order by {order}
                """;
    }

    private static void WriteHead(Utf8JsonWriter json, AdmittedRequest request, ListRequest list, long count)
    {
        json.WriteStartObject();
        json.WriteNumber("count", count);
        if (list.Offset + list.Limit < count)
        {
            json.WriteString("next", ListRequest.PageUrl(request.Http, list.Limit, list.Offset + list.Limit));
        }
        else
        {
            json.WriteNull("next");
        }

        if (list.Offset > 0)
        {
            json.WriteString(
                "previous",
                ListRequest.PageUrl(request.Http, list.Limit, Math.Max(0, list.Offset - list.Limit))
            );
        }
        else
        {
            json.WriteNull("previous");
        }

        json.WriteStartArray("results");
    }

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
                    WriteObject(json, new RowReader(reader, reach.Scope), columns);
                }
            },
            cancellationToken
        );
        return buffer?.WrittenMemory;
    }

    private static void WriteObject(Utf8JsonWriter json, RowReader row, SelectedColumns columns)
    {
        json.WriteStartObject();
        foreach (var (output, at) in columns.Places)
        {
            json.WritePropertyName(output.EncodedName);
            output.Write(json, row, at);
        }

        json.WriteEndObject();
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
