using System.Runtime.CompilerServices;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Repositories;
using Pulp.PluginSdk.Publishing;

namespace Pulp.Core.Publications;

/// <summary>Reads a version's units with what is known of their files, in the order of their paths, without holding them.</summary>
internal sealed class PublishedUnits(Database database, ResourceStore store)
{
    private const int PageSize = 5_000;

    public async IAsyncEnumerable<PublishedUnit<TContent>> ReadAsync<TContent>(
        VersionRow version,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
        where TContent : Content
    {
        var kind = store.Registry.For<TContent>();
        var mapper = store.Mapper(kind);
        var (columns, detail) = (Sql.Name(mapper.Columns), Sql.Name($"{kind.DetailTable} d"));

        // Read in pages, so that no reader is open while the plugin writes at its own speed.
        var (path, last) = ("", Guid.Empty);
        while (true)
        {
            var page = new List<PublishedUnit<TContent>>(PageSize);
            SqlText sql = $"""
                select {columns}, f.relative_path, coalesce(art.sha256, ra.sha256), coalesce(art.size, ra.size)
                  from core_repositorycontent rc
                  join core_contentartifact f on f.content_id = rc.content_id
                  join {detail} on d.pulp_id = rc.content_id
                  join core_content m on m.pulp_id = d.pulp_id
                  left join core_artifact art on art.pulp_id = f.artifact_id
                  left join core_remoteartifact ra on ra.pulp_id =
                    (select x.pulp_id from core_remoteartifact x where x.content_artifact_id = f.pulp_id order by x.pulp_id limit 1)
                 where rc.repository_id = {version.RepositoryId} and +rc.version_added <= {version.Number}
                   and (rc.version_removed is null or rc.version_removed > {version.Number})
                   and (f.relative_path > {path} or (f.relative_path = {path} and f.content_id > {last}))
                 order by f.relative_path, f.content_id limit {(long)PageSize}
                """;
            await database.ReadRowsAsync(
                sql,
                async (reader, token) =>
                {
                    var at = kind.Fields.Count;
                    var row = new RowReader(reader, DomainScope.Only);
                    while (await reader.ReadAsync(token))
                    {
                        page.Add(
                            new PublishedUnit<TContent>
                            {
                                Content = (TContent)mapper.Read(reader),
                                RelativePath = row.Text(at),
                                Sha256 = row.IsNull(at + 1) ? null : row.Text(at + 1),
                                Size = row.IsNull(at + 2) ? null : row.Integer(at + 2),
                            }
                        );
                    }
                },
                cancellationToken
            );
            foreach (var unit in page)
            {
                yield return unit;
            }

            if (page.Count < PageSize)
            {
                yield break;
            }

            (path, last) = (page[^1].RelativePath, page[^1].Content.PulpId);
        }
    }
}
