using Microsoft.AspNetCore.Http;
using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Serving;
using PulpContainer.Distributions;
using PulpContainer.Names;

namespace PulpContainer.Registry;

/// <summary>Gives a repository a blob that another has (OCI distribution specification, "Mounting a blob from another repository").</summary>
internal sealed class BlobMounts(IServed served, RegistryGate gate, BlobReads blobs, PendingBlobs pending, IDb db)
{
    /// <summary>As many distributions are asked whether everybody may pull from them: with the policy that is shipped, the first is.</summary>
    private const int MostAsked = 20;

    /// <summary>False where the blob can't be had: the client sends it then.</summary>
    public async Task<bool> MountAsync(HttpContext context, Guid repository, Digest digest)
    {
        var from = context.Request.Query["from"].FirstOrDefault();
        var blob = string.IsNullOrEmpty(from)
            ? await AnywhereAsync(context, repository, digest)
            : await FromAsync(context, from, digest);
        // What another domain has is there for that alone.
        if (blob is not { } found || !await IsOfDomainAsync(repository, found, context.RequestAborted))
        {
            return false;
        }

        await pending.AddAsync(repository, digest.ToString(), found, context.RequestAborted);
        return true;
    }

    private async Task<bool> IsOfDomainAsync(Guid repository, Guid blob, CancellationToken cancellationToken) =>
        await db.FirstOrDefaultAsync<long>(
            $"""
            select 1 from core_content c join core_repository r on r.pulp_domain_id = c.pulp_domain_id
             where c.pulp_id = {blob} and r.pulp_id = {repository}
            """,
            cancellationToken
        ) == 1;

    private async Task<Guid?> FromAsync(HttpContext context, string from, Digest digest)
    {
        // What a guard protects isn't given away: it may ask for more than who it is.
        return
            await served.FindAsync<ContainerDistribution>(from, context.RequestAborted)
                is { Rest.Length: 0, Distribution.ContentGuard: null } source
            && await gate.MayPullAsync(context, from, source.Distribution)
            ? await blobs.FindAsync(source.Served, digest.ToString(), context.RequestAborted)
            : null;
    }

    /// <summary>The blob as any repository has it that everybody may pull from, also before a manifest refers to it.</summary>
    private async Task<Guid?> AnywhereAsync(HttpContext context, Guid repository, Digest digest)
    {
        var found = await db.QueryAsync<HeldBlob>(
            $"""
            with held as (
              select d.pulp_id, rc.repository_id from container_blob d
                join core_repositorycontent rc on rc.content_id = d.pulp_id and rc.version_removed is null
                join core_repositoryversion v on v.repository_id = rc.repository_id and v.number = rc.version_added
               where d.digest = {digest.ToString()} and v.complete = {true}
              union all
              select d.pulp_id, p.repository_id from container_blob d
                join container_pendingblob p on p.content_id = d.pulp_id
               where d.digest = {digest.ToString()}
            )
            select h.pulp_id as blob, m.pulp_id as distribution from held h
              join core_distribution m on m.repository_id = h.repository_id and m.content_guard_id is null
              join container_containerdistribution c on c.pulp_id = m.pulp_id
             where c.private = {false}
               and m.pulp_domain_id = (select r.pulp_domain_id from core_repository r where r.pulp_id = {repository})
             limit {MostAsked}
            """,
            context.RequestAborted
        );
        foreach (var held in found)
        {
            if (await gate.MayAnybodyPullAsync(context, held.Distribution))
            {
                return held.Blob;
            }
        }

        return null;
    }

    private sealed record HeldBlob
    {
        public Guid Blob { get; init; }

        public Guid Distribution { get; init; }
    }
}
