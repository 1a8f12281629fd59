using Pulp.Core.Platform.Storage;
using Pulp.PluginSdk.Sync;

namespace Pulp.Core.Units;

/// <summary>The files of units, and the places that they come from.</summary>
internal sealed class UnitFiles(TimeProvider clock)
{
    private static readonly BulkColumn[] FileColumns =
    [
        new("pulp_id", ColumnType.Uuid),
        new("content_id", ColumnType.Uuid),
        new("artifact_id", ColumnType.Uuid),
        new("relative_path", ColumnType.Text),
    ];

    private static readonly BulkColumn[] RemoteColumns =
    [
        new("pulp_id", ColumnType.Uuid),
        new("content_artifact_id", ColumnType.Uuid),
        new("remote_id", ColumnType.Uuid),
        new("url", ColumnType.Text),
        new("size", ColumnType.BigInteger),
        .. Digests.Columns,
    ];

    /// <summary>The rows of units that are stored for the first time.</summary>
    public IReadOnlyList<BulkRows> New(IReadOnlyList<DeclaredContent> units, Remote? remote)
    {
        var (fresh, _, places) = Rows(units, [], remote);
        return
        [
            new BulkRows("core_contentartifact", FileColumns, fresh, Newness.Certain),
            new BulkRows("core_remoteartifact", RemoteColumns, places.Values, Newness.Certain),
        ];
    }

    /// <summary>Stores the files of units of which some are there already.</summary>
    public async Task SaveAsync(
        SqlSession tx,
        IReadOnlyList<DeclaredContent> units,
        Remote? remote,
        CancellationToken cancellationToken
    )
    {
        if (units.All(u => u.Artifacts.Count == 0))
        {
            return;
        }

        Guid[] ids = [.. units.Select(u => u.Content.PulpId).Distinct()];
        var (fresh, fetched, places) = Rows(units, await FilesOfAsync(tx, ids, cancellationToken), remote);
        foreach (var (file, artifact) in fetched)
        {
            await tx.ExecuteAsync(
                $"update core_contentartifact set artifact_id = {artifact} where pulp_id = {file} and artifact_id is null",
                cancellationToken
            );
        }

        await tx.InsertManyAsync("core_contentartifact", FileColumns, fresh, cancellationToken);
        if (remote is not null)
        {
            await SavePlacesAsync(tx, remote, places, cancellationToken);
        }
    }

    /// <summary>Rows of files that aren't there, artifacts for those that are and had none, and all places.</summary>
    private (List<object?[]> Fresh, List<(Guid File, Guid Artifact)> Fetched, Dictionary<Guid, object?[]> Places) Rows(
        IReadOnlyList<DeclaredContent> units,
        Dictionary<(Guid, string), FileRow> known,
        Remote? remote
    )
    {
        var (fresh, fetched) = (new List<object?[]>(), new List<(Guid, Guid)>());
        var places = new Dictionary<Guid, object?[]>();
        foreach (var unit in units)
        {
            foreach (var artifact in unit.Artifacts)
            {
                if (artifact is { Artifact: null, Fetched: not null })
                {
                    throw new InvalidOperationException(
                        "A fetched file is for a sync's plan; elsewhere it is staged first."
                    );
                }

                var at = (unit.Content.PulpId, artifact.RelativePath);
                if (!known.TryGetValue(at, out var file))
                {
                    file = new FileRow { PulpId = Ids.New(clock.GetUtcNow()), ArtifactId = artifact.Artifact?.PulpId };
                    known[at] = file;
                    fresh.Add([file.PulpId, unit.Content.PulpId, file.ArtifactId, artifact.RelativePath]);
                }
                else if (file.ArtifactId is null && artifact.Artifact is { } stored)
                {
                    fetched.Add((file.PulpId, stored.PulpId));
                }

                if (remote is not null && artifact.Url.Length > 0)
                {
                    places[file.PulpId] = Place(file.PulpId, remote, artifact);
                }
            }
        }

        return (fresh, fetched, places);
    }

    private static async Task SavePlacesAsync(
        SqlSession tx,
        Remote remote,
        Dictionary<Guid, object?[]> places,
        CancellationToken cancellationToken
    )
    {
        await tx.InsertManyAsync("core_remoteartifact", RemoteColumns, places.Values, cancellationToken);

        // What moved upstream since the last sync.
        var files = places.Keys.ToArray();
        var stored = await tx.QueryAsync<PlaceRow>(
            $"select content_artifact_id, url from core_remoteartifact where remote_id = {remote.PulpId} and content_artifact_id in {files}",
            cancellationToken
        );
        foreach (var old in stored)
        {
            if (places[old.ContentArtifactId] is [_, _, _, string url, ..] && url != old.Url)
            {
                await tx.ExecuteAsync(
                    $"""
                    update core_remoteartifact set url = {url}, failed_at = null
                     where remote_id = {remote.PulpId} and content_artifact_id = {old.ContentArtifactId}
                    """,
                    cancellationToken
                );
            }
        }
    }

    private static object?[] Place(Guid file, Remote remote, DeclaredArtifact artifact)
    {
        string? Promised(string name) =>
            (name == "sha256" ? artifact.Sha256 : artifact.OtherDigests?.GetValueOrDefault(name))?.ToLowerInvariant();
        return [Ids.New(), file, remote.PulpId, artifact.Url, artifact.Size, .. Digests.Names.Select(Promised)];
    }

    private static async Task<Dictionary<(Guid, string), FileRow>> FilesOfAsync(
        IDb tx,
        Guid[] content,
        CancellationToken cancellationToken
    )
    {
        var rows = await tx.QueryAsync<FileRow>(
            $"select pulp_id, content_id, relative_path, artifact_id from core_contentartifact where content_id in {content}",
            cancellationToken
        );
        return rows.ToDictionary(r => (r.ContentId, r.RelativePath));
    }

    private sealed record FileRow
    {
        public Guid PulpId { get; init; }

        public Guid ContentId { get; init; }

        public string RelativePath { get; init; } = "";

        public Guid? ArtifactId { get; init; }
    }

    private sealed record PlaceRow
    {
        public Guid ContentArtifactId { get; init; }

        public string Url { get; init; } = "";
    }
}
