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
        await (
            ListPlan.Of(kind, reach, list, scope) switch
            {
                RememberedPlan plan => seenPages.WriteAsync(page, kind, list, plan, cancellationToken),
                CountedPlan plan => WriteAsync(page, list, plan, cancellationToken),
                _ => throw new InvalidOperationException("There is another way to find a page."),
            }
        );
        await answer.SendAsync(cancellationToken);
    }

    private async Task WriteAsync(
        PageWriter page,
        ListRequest list,
        CountedPlan plan,
        CancellationToken cancellationToken
    )
    {
        // A page near the start is found without the count, and brings it along.
        var brings = plan.KnownCount is null && list.Offset <= PageStatement.NearStart;
        var count =
            plan.KnownCount ?? (brings ? 0 : await database.FirstOrDefaultAsync<long>(plan.Count, cancellationToken));
        var rows = await page.WriteAsync(
            database,
            plan.Page(count, brings ? (SqlText)$", ({plan.Count})" : $""),
            new PageCount(brings ? null : count),
            cancellationToken
        );
        if (rows == 0)
        {
            // Behind the last row, or there is none at all.
            page.WriteEmpty(
                brings && list.Offset > 0
                    ? await database.FirstOrDefaultAsync<long>(plan.Count, cancellationToken)
                    : count
            );
        }
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
                    columns.Write(json, new RowReader(reader, reach.Scope));
                }
            },
            cancellationToken
        );
        return buffer?.WrittenMemory;
    }
}
