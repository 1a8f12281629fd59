using Pulp.PluginSdk.Data;

namespace PulpContainer.Images;

/// <summary>The bytes of manifests, as they were sent. They are small and asked for often, so they stand in the database.</summary>
internal static class ManifestBodies
{
    /// <summary>"At least 4 megabytes" (OCI distribution specification, "Pushing Manifests").</summary>
    public const int MostBytes = 4 * 1024 * 1024;

    public static Task<byte[]?> FindAsync(IDb db, Guid manifest, CancellationToken cancellationToken) =>
        db.FirstOrDefaultAsync<byte[]>(
            $"select body from container_manifestbody where pulp_id = {manifest}",
            cancellationToken
        );

    public static Task SaveAsync(IDb db, Guid manifest, byte[] body, CancellationToken cancellationToken) =>
        db.ExecuteAsync(
            $"""
            insert into container_manifestbody (pulp_id, body) values ({manifest}, {body})
            on conflict (pulp_id) do nothing
            """,
            cancellationToken
        );
}
