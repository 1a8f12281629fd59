using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Models;
using PulpContainer.Registry;

namespace PulpContainer.Repositories;

/// <summary>What a version holds about images beside them: what refers to them, such as SBOMs and signatures, and simple signatures.</summary>
internal static class Companions
{
    /// <summary>Of images that tags name, of the images that indexes among these list, and of what is found itself.</summary>
    public static Task<IReadOnlyList<Guid>> OfTagsAsync(
        IDb db,
        RepositoryVersionRef version,
        IReadOnlyList<Guid> tags,
        CancellationToken cancellationToken
    ) =>
        db.QueryAsync<Guid>(
            $"""
            with recursive tagged as (
              select t.tagged_manifest_id as pulp_id from container_tag t where t.pulp_id in {tags}
            ), image as (
              select m.pulp_id, m.digest from container_manifest m where m.pulp_id in (select pulp_id from tagged)
              union
              select m.pulp_id, m.digest from container_manifest_manifests l
                join container_manifest m on m.pulp_id = l.referred_id
               where l.content_id in (select pulp_id from tagged)
            ), found as (
              select i.pulp_id, i.digest from image i
              union
              select m.pulp_id, m.digest from found f
                join container_manifest m on m.subject = f.digest
                join core_repositorycontent rc on rc.content_id = m.pulp_id
               where {InVersion.Holds(version)}
            )
            select f.pulp_id from found f where f.pulp_id not in (select pulp_id from image)
            union
            select s.pulp_id from found f
              join container_manifestsignature s on s.signed_manifest_id = f.pulp_id
              join core_repositorycontent rc on rc.content_id = s.pulp_id
             where {InVersion.Holds(version)}
            """,
            cancellationToken
        );
}
