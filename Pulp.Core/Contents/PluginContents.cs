using Pulp.Core.Artifacts;
using Pulp.Core.Platform.Changes;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Units;
using Pulp.PluginSdk.Contents;
using Pulp.PluginSdk.Sync;

namespace Pulp.Core.Contents;

/// <summary>Content units as plugins store and find them.</summary>
internal sealed class PluginContents(
    Database database,
    ContentSaver saver,
    StagedArtifacts staged,
    ArtifactStore artifacts,
    UnitReader units,
    ServingChanges changes,
    RequestOrigin origin
) : IContents
{
    public Task<IReadOnlyList<Guid>> SaveAsync(
        IReadOnlyList<DeclaredContent> declared,
        Remote? from,
        CancellationToken cancellationToken
    ) => SaveAsync(declared, from, along: null, cancellationToken);

    public Task<IReadOnlyList<Guid>> SaveAsync(
        IReadOnlyList<DeclaredContent> declared,
        Remote? from,
        Func<IDb, IReadOnlyList<Guid>, CancellationToken, Task>? along,
        CancellationToken cancellationToken
    ) =>
        StoreAsync(
            declared,
            from,
            (session, saved) => along?.Invoke(new PluginDb(session), saved, cancellationToken) ?? Task.CompletedTask,
            cancellationToken
        );

    public Task<IReadOnlyList<Guid>> SaveAheadAsync(
        IReadOnlyList<DeclaredContent> declared,
        Remote? from,
        CancellationToken cancellationToken
    ) =>
        StoreAsync(
            declared,
            from,
            static (session, _) =>
            {
                // What the version's flush finds on disk lies behind this.
                session.CommitInBackground();
                return Task.CompletedTask;
            },
            cancellationToken
        );

    private async Task<IReadOnlyList<Guid>> StoreAsync(
        IReadOnlyList<DeclaredContent> declared,
        Remote? from,
        Func<SqlSession, IReadOnlyList<Guid>, Task> along,
        CancellationToken cancellationToken
    )
    {
        var domain = origin.Value.Reach.Domain;
        var kept = KeptFiles.None;
        try
        {
            await using var held = await artifacts.HoldAsync(cancellationToken);
            // Files first, and not in the transaction: flushing them takes longer than all the rest.
            kept = await staged.KeepAsync(domain, declared, cancellationToken);
            return await database.InRepeatedTransactionAsync(
                async tx =>
                {
                    var session = (SqlSession)tx;
                    await staged.StoreAsync(session, kept, declared, cancellationToken);
                    var saved = await saver.SaveWithFollowersAsync(domain, session, declared, from, cancellationToken);
                    await along(session, saved);
                    return saved;
                },
                cancellationToken
            );
        }
        catch (Exception error)
        {
            await staged.TakeBackAsync(domain, declared, error);
            // Of a commit that broke off nobody knows whether it counted: then the files stay, as what nobody needs at worst.
            if (kept.Fresh.Count > 0 && error is not DatabaseUnavailableException)
            {
                await artifacts.RemoveUnstoredAsync(kept.Fresh, CancellationToken.None);
            }

            throw;
        }
    }

    public IAsyncEnumerable<T> FindAsync<T>(SqlText where, CancellationToken cancellationToken)
        where T : Content => units.ReadAsync<T>(database, InReach, where, cancellationToken);

    private SqlText InReach =>
        origin.Value.Reach is { IsEverywhere: false } reach ? (SqlText)$"m.pulp_domain_id = {reach.Domain}" : $"1 = 1";

    public Task TellChangedAsync(CancellationToken cancellationToken) =>
        database.InTransactionAsync(tx => changes.FilesChangedAsync(tx, cancellationToken), cancellationToken);

    public async Task<IReadOnlyDictionary<string, Artifact>> FilesAsync(Guid unit, CancellationToken cancellationToken)
    {
        var files = await database.QueryAsync<FileRow>(
            $"""
            select f.relative_path, f.artifact_id from core_contentartifact f join core_content m on m.pulp_id = f.content_id
             where f.content_id = {unit} and f.artifact_id is not null and {InReach}
            """,
            cancellationToken
        );
        Guid[] ids = [.. files.Select(f => f.ArtifactId)];
        var stored = await database.QueryAsync<Artifact>(
            $"""
            select pulp_id, pulp_created, pulp_last_updated, file, size, md5, sha1, sha224, sha256, sha384, sha512,
                   timestamp_of_interest
              from core_artifact where pulp_id in {ids}
            """,
            cancellationToken
        );
        var byId = stored.ToDictionary(a => a.PulpId);
        return files
            .Where(f => byId.ContainsKey(f.ArtifactId))
            .ToDictionary(f => f.RelativePath, f => byId[f.ArtifactId], StringComparer.Ordinal);
    }

    private sealed record FileRow
    {
        public string RelativePath { get; init; } = "";

        public Guid ArtifactId { get; init; }
    }
}
