using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Repositories;

namespace PulpContainer.Images;

/// <summary>
/// What indexes list and what wasn't here when they came: a cache fetches each image when somebody asks for it, and an upstream may not
/// have all of them.
/// </summary>
internal static class ListedManifests
{
    private static readonly BulkColumn[] Columns = [new("content_id", ColumnType.Uuid), new("digest", ColumnType.Text)];

    public static Task<int> NoteMissingAsync(
        IDb db,
        Guid index,
        IReadOnlyCollection<string> digests,
        CancellationToken cancellationToken
    ) =>
        db.InsertManyAsync(
            "container_missingmanifest",
            Columns,
            [.. digests.Select(d => new object?[] { index, d })],
            cancellationToken
        );

    /// <summary>Ties manifests that have come to the indexes of the version that list them.</summary>
    public static async Task LinkAsync(
        IVersionDraft draft,
        IReadOnlyCollection<string> digests,
        CancellationToken cancellationToken
    )
    {
        await draft.Db.ExecuteAsync(
            $"""
            insert into container_manifest_manifests (content_id, referred_id)
            select x.content_id, m.pulp_id from container_missingmanifest x
              join container_manifest m on m.digest = x.digest
             where x.digest in {digests} and x.content_id in ({draft.Units}) and m.pulp_id in ({draft.Units})
            on conflict do nothing
            """,
            cancellationToken
        );
        await draft.Db.ExecuteAsync(
            $"""
            delete from container_missingmanifest
             where digest in {digests}
               and exists (select 1 from container_manifest_manifests r
                             join container_manifest m on m.pulp_id = r.referred_id
                            where r.content_id = container_missingmanifest.content_id
                              and m.digest = container_missingmanifest.digest)
            """,
            cancellationToken
        );
    }
}
