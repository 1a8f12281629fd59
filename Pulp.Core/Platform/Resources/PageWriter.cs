using System.Text.Json;
using Pulp.Core.Access;
using Pulp.Core.Platform.Http;

namespace Pulp.Core.Platform.Resources;

/// <summary>How many rows a list has.</summary>
/// <param name="Known">The number; null where the last column says it.</param>
internal sealed record PageCount(long? Known)
{
    /// <summary>The number is right as long as the last column says the same; null where it is right anyhow.</summary>
    public string? Stamp { get; init; }
}

/// <summary>Writes a page of a list, with its envelope, as the rows come.</summary>
internal sealed class PageWriter(AdmittedRequest request, ListRequest list, SelectedColumns columns, PagedAnswer answer)
{
    /// <summary>
    /// Writes what a statement answers; nothing where that is no row. Answers how many rows there were; null where the number isn't
    /// right, and nothing is written.
    /// </summary>
    /// <param name="database">Where it is read.</param>
    /// <param name="statement">The statement.</param>
    /// <param name="count">How many there are in the whole list.</param>
    /// <param name="cancellationToken">The client went away.</param>
    public async Task<int?> WriteAsync(
        Database database,
        SqlText statement,
        PageCount count,
        CancellationToken cancellationToken
    )
    {
        int? rows = 0;
        await database.ReadRowsAsync(
            statement,
            async (reader, token) =>
            {
                var row = new RowReader(reader, request.Reach.Scope);
                await using var json = new Utf8JsonWriter(answer.Buffer, WireJson.Writer);
                while (await reader.ReadAsync(token))
                {
                    if (rows == 0)
                    {
                        if (count.Stamp is { } stamp && stamp != reader.GetString(reader.FieldCount - 1))
                        {
                            rows = null;
                            return;
                        }

                        WriteHead(json, count.Known ?? reader.GetInt64(reader.FieldCount - 1));
                    }

                    rows++;

                    columns.Write(json, row);
                    if (json.BytesPending + answer.Buffered > PagedAnswer.InMemory)
                    {
                        await json.FlushAsync(token);
                        await answer.PutAsideAsync(token);
                    }
                }

                if (rows > 0)
                {
                    WriteEnd(json);
                }
            },
            cancellationToken
        );
        return rows;
    }

    /// <summary>Writes a page without rows.</summary>
    public void WriteEmpty(long count)
    {
        using var json = new Utf8JsonWriter(answer.Buffer, WireJson.Writer);
        WriteHead(json, count);
        WriteEnd(json);
    }

    /// <summary>Takes back what was written.</summary>
    public void Clear() => answer.Clear();

    private void WriteHead(Utf8JsonWriter json, long count)
    {
        json.WriteStartObject();
        json.WriteNumber("count", count);
        WriteLink(json, "next", list.Offset + list.Limit < count ? list.Offset + list.Limit : null);
        WriteLink(json, "previous", list.Offset > 0 ? Math.Max(0, list.Offset - list.Limit) : null);
        json.WriteStartArray("results");
    }

    private void WriteLink(Utf8JsonWriter json, string name, long? offset)
    {
        json.WritePropertyName(name);
        if (offset is { } at)
        {
            json.WriteStringValue(ListRequest.PageUrl(request.Http, list.Limit, at));
        }
        else
        {
            json.WriteNullValue();
        }
    }

    private static void WriteEnd(Utf8JsonWriter json)
    {
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
