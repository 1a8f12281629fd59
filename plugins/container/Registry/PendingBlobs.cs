using Pulp.PluginSdk.Data;

namespace PulpContainer.Registry;

/// <summary>
/// Blobs that were pushed to a repository, and that no manifest of it refers to yet. They are kept for a while after the last push,
/// for the manifest that is to come.
/// </summary>
internal sealed class PendingBlobs(IDb db, TimeProvider clock)
{
    /// <summary>How long a manifest may come after its blobs. Pushes of very large images take hours.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromDays(2);

    /// <summary>Nobody minds when they go a little later.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(10);

    private long _removedAt;

    public async Task<Guid?> FindAsync(Guid repository, string digest, CancellationToken cancellationToken)
    {
        var found = await db.FirstOrDefaultAsync<Guid>(
            $"select content_id from container_pendingblob where repository_id = {repository} and digest = {digest}",
            cancellationToken
        );
        return found == Guid.Empty ? null : found;
    }

    public Task AddAsync(Guid repository, string digest, Guid blob, CancellationToken cancellationToken) =>
        AddAsync(db, repository, digest, blob, cancellationToken);

    /// <summary>The same in somebody's transaction.</summary>
    public Task AddAsync(IDb tx, Guid repository, string digest, Guid blob, CancellationToken cancellationToken) =>
        tx.ExecuteAsync(
            $"""
            insert into container_pendingblob (repository_id, digest, content_id, expires_at)
            values ({repository}, {digest}, {blob}, {clock.GetUtcNow() + Patience})
            on conflict (repository_id, digest) do update set expires_at = excluded.expires_at
            """,
            cancellationToken
        );

    /// <summary>False where there is none.</summary>
    public async Task<bool> RemoveAsync(Guid repository, string digest, CancellationToken cancellationToken) =>
        await db.ExecuteAsync(
            $"delete from container_pendingblob where repository_id = {repository} and digest = {digest}",
            cancellationToken
        ) > 0;

    /// <summary>Forgets what nobody referred to in time, in all repositories: then it goes as an orphan.</summary>
    public async ValueTask RemoveExpiredAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var last = Interlocked.Read(ref _removedAt);
        if (
            now.UtcTicks - last < Pause.Ticks
            || Interlocked.CompareExchange(ref _removedAt, now.UtcTicks, last) != last
        )
        {
            return;
        }

        await db.ExecuteAsync($"delete from container_pendingblob where expires_at < {now}", cancellationToken);
    }

    /// <summary>Of a version that is being made: the blobs of a manifest that left may be referred to again.</summary>
    public Task AddOfManifestAsync(IDb tx, Guid repository, Guid manifest, CancellationToken cancellationToken) =>
        tx.ExecuteAsync(
            $"""
            insert into container_pendingblob (repository_id, digest, content_id, expires_at)
            select {repository}, b.digest, b.pulp_id, {clock.GetUtcNow() + Patience} from container_blob b
             where b.pulp_id in (select r.referred_id from container_manifest_blobs r where r.content_id = {manifest}
                                 union select m.config_blob_id from container_manifest m
                                        where m.pulp_id = {manifest} and m.config_blob_id is not null)
            on conflict (repository_id, digest) do update set expires_at = excluded.expires_at
            """,
            cancellationToken
        );
}
