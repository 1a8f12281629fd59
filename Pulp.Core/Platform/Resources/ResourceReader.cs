using System.Globalization;
using System.Text.Json;
using Pulp.Core.Access;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Storage;

namespace Pulp.Core.Platform.Resources;

/// <summary>Writes resources from the database to the wire, row by row.</summary>
internal sealed class ResourceReader(Database database, FileStorage storage)
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
        var filtered = list.Condition is not null || scope is not null;
        var where = Where(kind, request.Reach, scope, list.Condition);
        if (list.Driver is { } driver)
        {
            where.Append($" and {driver.Condition} and {SqlText.Raw($"{kind.Key} = {driver.Key}")}");
        }

        // Keys first, rows afterwards: what is skipped and what is counted never touches more than it must.
        var counted = kind.CountFrom(filtered);
        var paged = list.IsOrderedBy(kind.Alias) ? counted : kind.CountFrom(filtered: true);
        var count =
            (filtered ? null : list.Driver?.Count)
            ?? await database.FirstOrDefaultAsync<long>(
                SqlText.Raw($"select count(*) from {Driven(list, counted)} where ").Append(where),
                cancellationToken
            );
        var keys = filtered ? null : KeysAlone(kind, list);

        // Nothing of the answer is sent before the last row is there: a failing query is still a clean error.
        var columns = kind.Columns(list.Outputs);
        await using var answer = new PagedAnswer(request.Response, storage);
        await database.ReadRowsAsync(
            keys is null
                ? Page(kind, list, Driven(list, paged), where, paged == kind.KeyTable ? null : kind.Key, count)
                : Page(kind, list, keys.Table, keys.Condition, keys.Key, count),
            async (reader, token) =>
            {
                var row = new RowReader(reader);
                await using var json = new Utf8JsonWriter(answer.Buffer, WireJson.Writer);
                WriteHead(json, request.Request, list, count);
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

    // The cross join keeps SQLite's planner at this order: from the driver to the rows.
    private static string Driven(ListRequest list, string source) =>
        list.Driver is null ? source : $"{list.Driver.Table} cross join {source}";

    /// <summary>
    /// The set of which the page is, where its keys are all that it takes to find the page. Joined to the rows, PostgreSQL would
    /// rather merge two indexes, and walk over everything that is younger than the set to find the first of it.
    /// </summary>
    private static ListDriver? KeysAlone(ResourceKind kind, ListRequest list) =>
        list.Driver is { IsWhole: true } driver && kind.VisibleSql is null && IsByKey(kind, list) ? driver : null;

    private static bool IsByKey(ResourceKind kind, ListRequest list) => list.Order == kind.Key + " desc";

    private static SqlText Page(
        ResourceKind kind,
        ListRequest list,
        string source,
        SqlText where,
        string? key,
        long count
    )
    {
        var byKey = IsByKey(kind, list);
        var inner = byKey ? (list.Driver?.Key ?? kind.Key) + " desc" : list.Order;
        var offset = list.Offset;
        var limit = (long)list.Limit;
        if (byKey && offset > 1000 && offset > count / 2)
        {
            // The far half is read from the other end: the last page costs what the first does.
            var end = Math.Min(offset + limit, count);
            limit = Math.Max(end - offset, 0);
            offset = count - end;
            inner = list.Driver?.Key ?? kind.Key;
        }

        // Where the kind's own table is enough to find the page, its rows are taken from there; else only their keys.
        var sql = SqlText
            .Raw($"select {kind.Columns(list.Outputs).Sql} from (select ")
            .Append(SqlText.Raw(key is null ? $"{kind.Alias}.*" : $"{key} as page_key"))
            .Append(SqlText.Raw($" from {source} where "))
            .Append(where);
        sql.Append(SqlText.Raw($" order by {inner}"));
        // Written out: a planner that doesn't know how few rows are wanted plans for a tenth of the table.
        sql.Append(SqlText.Raw(string.Create(CultureInfo.InvariantCulture, $" limit {limit}")));
        if (offset > 0)
        {
            sql.Append($" offset {offset}");
        }

        sql.Append(
            SqlText.Raw(
                key is null
                    ? $") {kind.Alias}{kind.Joins} order by {list.Order}"
                    : $") page cross join {kind.From} where {kind.Key} = page.page_key order by {list.Order}"
            )
        );
        return sql;
    }

    private static void WriteHead(Utf8JsonWriter json, HttpRequest request, ListRequest list, long count)
    {
        json.WriteStartObject();
        json.WriteNumber("count", count);
        if (list.Offset + list.Limit < count)
        {
            json.WriteString("next", ListRequest.PageUrl(request, list.Limit, list.Offset + list.Limit));
        }
        else
        {
            json.WriteNull("next");
        }

        if (list.Offset > 0)
        {
            json.WriteString(
                "previous",
                ListRequest.PageUrl(request, list.Limit, Math.Max(0, list.Offset - list.Limit))
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
            select {SqlText.Raw(columns.Sql)} from {SqlText.Raw(kind.From)}
             where {ReachableRows.WhereKey(kind, reach, key)}
            """,
            async (reader, token) =>
            {
                if (await reader.ReadAsync(token))
                {
                    buffer = new System.Buffers.ArrayBufferWriter<byte>(2048);
                    await using var json = new Utf8JsonWriter(buffer, WireJson.Writer);
                    WriteObject(json, new RowReader(reader), columns);
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

    private static SqlText Where(ResourceKind kind, Reach reach, SqlText? scope, SqlText? condition)
    {
        var where = ReachableRows.WhereListed(kind, reach);
        foreach (var part in new[] { scope, condition }.OfType<SqlText>())
        {
            where.Append($" and {part}");
        }

        return where;
    }
}
