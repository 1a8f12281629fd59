using Pulp.Core.Artifacts;
using Pulp.Core.Sync;
using Pulp.PluginSdk.Contents;
using Pulp.PluginSdk.Sync;

namespace Pulp.Core.Contents;

/// <summary>Content units as plugins store and find them.</summary>
internal sealed class PluginContents(Database database, ContentSaver saver, ArtifactStore artifacts, UnitReader units)
    : IContents
{
    public async Task<IReadOnlyList<Guid>> SaveAsync(
        IReadOnlyList<DeclaredContent> declared,
        Remote? from,
        CancellationToken cancellationToken
    )
    {
        await using var held = await artifacts.HoldAsync(cancellationToken);
        await KeepStagedAsync(database, artifacts, declared, cancellationToken);
        return await SaveAsync(database, saver, declared, from, cancellationToken);
    }

    /// <summary>Stores the units on a session; their files are kept already.</summary>
    public static async Task<IReadOnlyList<Guid>> SaveAsync(
        SqlSession session,
        ContentSaver saver,
        IReadOnlyList<DeclaredContent> declared,
        Remote? from,
        CancellationToken cancellationToken
    )
    {
        if (declared.Count > 0)
        {
            await saver.SaveAsync(session, [.. declared.Select(d => new SyncItem(d))], from, cancellationToken);
        }

        return [.. declared.Select(d => d.SavedId)];
    }

    /// <summary>Keeps the received files of units, as whoever holds the artifacts; answers which files those were.</summary>
    public static async Task<IReadOnlyList<Artifact>> KeepStagedAsync(
        SqlSession session,
        ArtifactStore artifacts,
        IReadOnlyList<DeclaredContent> declared,
        CancellationToken cancellationToken
    )
    {
        var staged = declared.SelectMany(d => d.Artifacts).Where(a => a.Staged is not null).ToList();
        if (staged.Count == 0)
        {
            return [];
        }

        var kept = await artifacts.SaveAsync(
            session,
            [.. staged.Select(a => a.Staged).OfType<PluginSdk.Files.StagedFile>().Select(StagedTemporaryFile.Of)],
            cancellationToken
        );
        foreach (var artifact in staged)
        {
            artifact.Artifact = kept[artifact.Staged?.Sha256 ?? ""];
        }

        return [.. kept.Values];
    }

    public IAsyncEnumerable<T> FindAsync<T>(SqlText where, CancellationToken cancellationToken)
        where T : Content => units.ReadAsync<T>(database, among: null, where, cancellationToken);

    public async Task<IReadOnlyDictionary<string, Artifact>> FilesAsync(Guid unit, CancellationToken cancellationToken)
    {
        var files = await database.QueryAsync<FileRow>(
            $"select relative_path, artifact_id from core_contentartifact where content_id = {unit} and artifact_id is not null",
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
