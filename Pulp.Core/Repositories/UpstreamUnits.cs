using Pulp.Core.Platform.Resources;

namespace Pulp.Core.Repositories;

/// <summary>What a mirroring sync found upstream, noted beside the version that it builds until that is complete.</summary>
internal sealed class UpstreamUnits(VersionRow version)
{
    private static readonly BulkColumn[] Columns =
    [
        new("version_id", ColumnType.Uuid),
        new("content_id", ColumnType.Uuid),
    ];

    public Task MarkAsync(SqlSession session, IReadOnlyCollection<Guid> content, CancellationToken cancellationToken) =>
        session.InsertManyAsync(
            "core_versionupstream",
            Columns,
            [.. content.Select(c => new object?[] { version.PulpId, c })],
            cancellationToken
        );

    /// <summary>The statement that marks units of the base: those of one kind whose rows meet a condition.</summary>
    public SqlText Mark(ResourceKind kind, SqlText condition) =>
        $"""
            insert into core_versionupstream (version_id, content_id)
            select {version.PulpId}, m.pulp_id
              from core_repositorycontent rc
              join core_content m on m.pulp_id = rc.content_id
              join {Sql.Name($"{kind.DetailTable} d")} on d.pulp_id = m.pulp_id
             where rc.repository_id = {version.RepositoryId} and +rc.version_added <= {version.Number}
               and rc.version_removed is null and ({condition})
            on conflict do nothing
            """;

    /// <summary>The condition on members that weren't marked.</summary>
    public SqlText Absent =>
        $"""
            not exists (select 1 from core_versionupstream s
                         where s.version_id = {version.PulpId} and s.content_id = core_repositorycontent.content_id)
            """;

    /// <summary>The statement that forgets all of it.</summary>
    public SqlText Clear => $"delete from core_versionupstream where version_id = {version.PulpId}";
}
