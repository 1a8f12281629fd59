using System.Text.Json;
using Pulp.Core.Platform.Http;

namespace Pulp.Core.Platform.Resources;

/// <summary>Writes resources from the database to the wire, row by row.</summary>
internal sealed class ResourceReader(Database database)
{
    private const int FlushAt = 32 * 1024;

    /// <summary>A page with its envelope.</summary>
    public async Task WriteListAsync(
        HttpContext context,
        ResourceKind kind,
        ListRequest list,
        SqlText? scope,
        CancellationToken cancellationToken
    )
    {
        var filtered = list.Condition is not null || scope is not null;
        var where = Where(kind, scope, list.Condition);
        if (list.Driver is { } driver)
        {
            where.Append($" and {driver.Condition} and {SqlText.Raw($"{kind.Key} = {driver.Key}")}");
        }

        // Keys first, rows afterwards: what is skipped and what is counted never touches more than it must.
        var source = (list.Driver is null ? "" : $"{list.Driver.Table} cross join ") + kind.CountFrom(filtered);
        var count =
            (filtered || list.Driver is null ? null : await list.Driver.Count(cancellationToken))
            ?? await database.FirstOrDefaultAsync<long>(
                SqlText.Raw($"select count(*) from {source} where ").Append(where),
                cancellationToken
            );

        // Nothing of the answer is sent before the first row is there: a failing query is still a clean error.
        var response = context.Response;
        await database.ReadRowsAsync(
            Page(kind, list, source, where, count),
            async (reader, token) =>
            {
                response.ContentType = "application/json";
                var row = new RowReader(reader, database.IsPostgres);
                await using var json = new Utf8JsonWriter(response.BodyWriter, WireJson.Writer);
                WriteHead(json, context.Request, list, count);
                while (await reader.ReadAsync(token))
                {
                    WriteObject(json, row, list.Outputs);
                    if (json.BytesPending > FlushAt)
                    {
                        await json.FlushAsync(token);
                        await response.BodyWriter.FlushAsync(token);
                    }
                }

                json.WriteEndArray();
                json.WriteEndObject();
            },
            cancellationToken
        );
        await response.BodyWriter.FlushAsync(cancellationToken);
    }

    private static SqlText Page(ResourceKind kind, ListRequest list, string source, SqlText where, long count)
    {
        var byKey = list.Order == kind.Key + " desc";
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

        var columns = list.Outputs.SelectMany(o => o.Select).DefaultIfEmpty("1");
        var sql = SqlText
            .Raw($"select {string.Join(", ", columns)} from (select {kind.Key} as page_key from {source} where ")
            .Append(where);
        sql.AppendLiteral($" order by {inner}");
        sql.Append($" limit {limit} offset {Math.Max(0, offset)}");
        sql.AppendLiteral($") page cross join {kind.From} where {kind.Key} = page.page_key order by {list.Order}");
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

    /// <summary>One resource by its key, or null.</summary>
    public async Task<ReadOnlyMemory<byte>?> FindAsync(
        ResourceKind kind,
        SqlText condition,
        IReadOnlyList<OutputField> outputs,
        CancellationToken cancellationToken,
        SqlSession? session = null
    )
    {
        var columns = outputs.SelectMany(o => o.Select).DefaultIfEmpty("1");
        var sql = SqlText
            .Raw($"select {string.Join(", ", columns)} from {kind.From} where ")
            .Append(Where(kind, scope: null, condition));
        System.Buffers.ArrayBufferWriter<byte>? buffer = null;
        await (session ?? database).ReadRowsAsync(
            sql,
            async (reader, token) =>
            {
                if (await reader.ReadAsync(token))
                {
                    buffer = new System.Buffers.ArrayBufferWriter<byte>(2048);
                    await using var json = new Utf8JsonWriter(buffer, WireJson.Writer);
                    WriteObject(json, new RowReader(reader, database.IsPostgres), outputs);
                }
            },
            cancellationToken
        );
        return buffer?.WrittenMemory;
    }

    public Task<ReadOnlyMemory<byte>?> FindAsync(
        ResourceKind kind,
        object key,
        CancellationToken cancellationToken,
        SqlSession? session = null
    ) => FindAsync(kind, ByKey(kind, key), kind.Outputs, cancellationToken, session);

    public static SqlText ByKey(ResourceKind kind, object key) => Filters.On(kind.Key, $"= {key}");

    private static void WriteObject(Utf8JsonWriter json, RowReader row, IReadOnlyList<OutputField> outputs)
    {
        json.WriteStartObject();
        var at = 0;
        foreach (var output in outputs)
        {
            json.WritePropertyName(output.EncodedName);
            output.Write(json, row, at);
            at += output.Select.Count;
        }

        json.WriteEndObject();
    }

    private static SqlText Where(ResourceKind kind, SqlText? scope, SqlText? condition)
    {
        var where = SqlText.Raw(kind.Scope ?? "1 = 1");
        foreach (var part in new[] { scope, condition }.OfType<SqlText>())
        {
            where.Append($" and {part}");
        }

        return where;
    }
}
