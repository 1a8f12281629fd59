using System.Runtime.CompilerServices;
using Pulp.Core.Platform.Resources;

namespace Pulp.Core.Units;

/// <summary>Reads units of one kind as records, in the order of their ids, a page at a time: no reader is open while they are used.</summary>
internal sealed class UnitReader(ResourceStore store)
{
    private const int PageSize = 2_000;

    /// <param name="session">The session.</param>
    /// <param name="among">A condition on <c>d</c>: which units count.</param>
    /// <param name="where">A condition on the kind's own columns, under the alias <c>d</c>; null for none.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async IAsyncEnumerable<T> ReadAsync<T>(
        SqlSession session,
        SqlText among,
        SqlText? where,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
        where T : Content
    {
        var kind = store.Registry.For<T>();
        var mapper = store.Mapper(kind);
        var conditions = Sql.All([
            among,
            .. where is null ? [] : new[] { (SqlText)$"({PluginStatement.Check(where)})" },
        ]);
        var last = Guid.Empty;
        List<T> page;
        do
        {
            page = new List<T>();
            await session.ReadRowsAsync(
                $"""
                select {Sql.Name(mapper.Columns)} from {Sql.Name(kind.DetailTable ?? "")} d
                  join core_content m on m.pulp_id = d.pulp_id
                 where {conditions} and d.pulp_id > {last} order by d.pulp_id limit {(long)PageSize}
                """,
                async (reader, token) =>
                {
                    while (await reader.ReadAsync(token))
                    {
                        page.Add((T)mapper.Read(reader));
                    }
                },
                cancellationToken
            );
            foreach (var unit in page)
            {
                yield return unit;
                last = unit.PulpId;
            }
        } while (page.Count == PageSize);
    }
}
