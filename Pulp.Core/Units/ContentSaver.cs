using Pulp.Core.Artifacts;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Plugins;
using Pulp.PluginSdk.Sync;

namespace Pulp.Core.Units;

/// <summary>Stores units with their files and the places they come from; what exists already is found, not doubled.</summary>
internal sealed class ContentSaver(
    Database database,
    ResourceStore store,
    PluginCatalog plugins,
    UnitReferences references,
    ArtifactStore artifacts,
    TimeProvider clock
)
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
        new("md5", ColumnType.Text),
        new("sha1", ColumnType.Text),
        new("sha224", ColumnType.Text),
        new("sha256", ColumnType.Text),
        new("sha384", ColumnType.Text),
        new("sha512", ColumnType.Text),
    ];

    /// <summary>Saves a batch in one transaction.</summary>
    public Task SaveAsync(IReadOnlyList<SyncItem> batch, Remote? remote, CancellationToken cancellationToken) =>
        SaveAsync(database, batch, remote, cancellationToken);

    /// <summary>The same on a session, whose own transaction it is part of where there is one.</summary>
    public async Task SaveAsync(
        SqlSession session,
        IReadOnlyList<SyncItem> batch,
        Remote? remote,
        CancellationToken cancellationToken
    )
    {
        FilePaths.RefuseUnsafe(batch.Select(i => i.Declared));
        foreach (var item in batch)
        {
            Complete(item.Declared);
        }

        // Kinds in one order too: see SaveKindAsync.
        var kinds = batch
            .GroupBy(i => store.Registry.For(i.Declared.Content.GetType()))
            .OrderBy(g => g.Key.PulpType, StringComparer.Ordinal)
            .ToList();
        await session.InRepeatedTransactionAsync(
            async tx =>
            {
                foreach (var kind in kinds)
                {
                    await SaveKindAsync((SqlSession)tx, kind.Key, [.. kind], remote, cancellationToken);
                }

                return true;
            },
            cancellationToken
        );

        // Only now: who waits for an id may use it at once.
        foreach (var item in batch)
        {
            item.Declared.SetSaved(item.Declared.Content.PulpId);
        }
    }

    /// <summary>Stores the units on a session; their files are kept already.</summary>
    public async Task<IReadOnlyList<Guid>> SaveAsync(
        SqlSession session,
        IReadOnlyList<DeclaredContent> declared,
        Remote? from,
        CancellationToken cancellationToken
    )
    {
        if (declared.Count > 0)
        {
            await SaveAsync(session, [.. declared.Select(d => new SyncItem(d))], from, cancellationToken);
        }

        return [.. declared.Select(d => d.SavedId)];
    }

    /// <summary>Keeps the received files of units, as whoever holds the artifacts; answers which files those were.</summary>
    public async Task<IReadOnlyList<Artifact>> KeepStagedAsync(
        SqlSession session,
        IReadOnlyList<DeclaredContent> declared,
        CancellationToken cancellationToken
    )
    {
        FilePaths.RefuseUnsafe(declared);
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

    private void Complete(DeclaredContent declared)
    {
        if (
            declared is { Artifacts: [{ Artifact: { } artifact }] }
            && plugins.Content(declared.Content.GetType())?.Complete is { } complete
        )
        {
            declared.Content = complete(declared.Content, artifact);
        }
    }

    private async Task SaveKindAsync(
        SqlSession tx,
        ResourceKind kind,
        IReadOnlyList<SyncItem> items,
        Remote? remote,
        CancellationToken cancellationToken
    )
    {
        // In one order everywhere: two tasks that insert the same units wait for each other, never in a circle. New ids count up in
        // this order, so that the indexes by id and by key are both filled from one end to the other.
        var key = StoredUnits.KeyOf(kind);
        var units = items
            .Select(i => new KeyedItem(NaturalKey.Of(i.Declared.Content, key), i))
            .OrderBy(u => u.Key.Text, StringComparer.Ordinal)
            .ToList();
        var stored = new StoredUnits(tx, kind, key);
        var known = await stored.FindAndTouchAsync(units, clock.GetUtcNow(), cancellationToken);
        var fresh = new Dictionary<NaturalKey, Content>();
        var now = clock.GetUtcNow();
        foreach (var (natural, item) in units)
        {
            if (!known.ContainsKey(natural) && !fresh.ContainsKey(natural))
            {
                fresh[natural] = item.Declared.Content with
                {
                    PulpId = Ids.New(now),
                    PulpCreated = now,
                    PulpLastUpdated = now,
                    PulpType = kind.PulpType,
                    TimestampOfInterest = now,
                };
            }
        }

        if (fresh.Count > 0 && !await InsertAsync(tx, kind, fresh.Values, cancellationToken))
        {
            await ReplaceLostAsync(tx, stored, fresh, known, units, cancellationToken);
        }

        foreach (var (natural, item) in units)
        {
            item.IsNew = !known.TryGetValue(natural, out var id);
            item.Declared.Content = item.Declared.Content with { PulpId = item.IsNew ? fresh[natural].PulpId : id };
        }

        await SaveFilesAsync(
            tx,
            [.. units.Select(u => u.Item.Declared)],
            allNew: fresh.Count == units.Count,
            remote,
            cancellationToken
        );
        await SaveMoreAsync(
            tx,
            kind,
            [.. units.Where(u => u.Item.IsNew).Select(u => u.Item.Declared)],
            cancellationToken
        );
    }

    /// <summary>What belongs to units that are stored for the first time: what they refer to, and rows of their plugin's own.</summary>
    private async Task SaveMoreAsync(
        SqlSession tx,
        ResourceKind kind,
        IReadOnlyList<DeclaredContent> units,
        CancellationToken cancellationToken
    )
    {
        foreach (var reference in references.Of(kind).Where(r => r.Member is not null))
        {
            var rows = units
                .SelectMany(u =>
                    Referred(u, reference.Member ?? "").Select(id => new object?[] { u.Content.PulpId, id })
                )
                .ToList();
            await tx.InsertManyAsync(reference.TableName, UnitReference.Columns, rows, cancellationToken);
        }

        foreach (var unit in units.DistinctBy(u => u.Content.PulpId))
        {
            if (unit.AlsoSave is { } save)
            {
                await save(new PluginDb(tx), unit.Content.PulpId, cancellationToken);
            }
        }
    }

    private static IEnumerable<Guid> Referred(DeclaredContent unit, string member) =>
        (unit.References?.GetValueOrDefault(member) ?? []).Distinct();

    /// <summary>Units that another task stored at the same moment: theirs count, ours go.</summary>
    private static async Task ReplaceLostAsync(
        SqlSession tx,
        StoredUnits stored,
        Dictionary<NaturalKey, Content> fresh,
        Dictionary<NaturalKey, Guid> known,
        IReadOnlyList<KeyedItem> units,
        CancellationToken cancellationToken
    )
    {
        var lost = new List<Guid>();
        foreach (var (natural, id) in await stored.FindAsync(units, cancellationToken))
        {
            if (fresh.TryGetValue(natural, out var mine) && mine.PulpId != id)
            {
                lost.Add(mine.PulpId);
                fresh.Remove(natural);
                known[natural] = id;
            }
        }

        await tx.ExecuteAsync($"delete from core_content where pulp_id in {lost}", cancellationToken);
    }

    /// <summary>False when some of them had been stored by somebody else meanwhile.</summary>
    private static async Task<bool> InsertAsync(
        SqlSession tx,
        ResourceKind kind,
        IReadOnlyCollection<Content> units,
        CancellationToken cancellationToken
    )
    {
        var master = kind.Fields.Where(f => !f.OnDetail).ToList();
        await tx.InsertManyAsync(
            kind.MasterTable,
            Columns(master),
            Rows(master, units),
            Newness.Certain,
            cancellationToken
        );
        if (kind.DetailTable is not { } table)
        {
            return true;
        }

        var detail = kind.Fields.Where(f => f.OnDetail || f.PropertyName == nameof(PulpResource.PulpId)).ToList();
        return await tx.InsertManyAsync(table, Columns(detail), Rows(detail, units), Newness.Likely, cancellationToken)
            == units.Count;
    }

    private static BulkColumn[] Columns(IReadOnlyList<FieldDescriptor> fields) =>
        [.. fields.Select(f => new BulkColumn(f.Column, f.ColumnType))];

    private static object?[][] Rows(IReadOnlyList<FieldDescriptor> fields, IReadOnlyCollection<Content> units)
    {
        var rows = new object?[units.Count][];
        var at = 0;
        foreach (var unit in units)
        {
            var row = rows[at++] = new object?[fields.Count];
            for (var i = 0; i < row.Length; i++)
            {
                row[i] = fields[i].Get(unit);
            }
        }

        return rows;
    }

    private async Task SaveFilesAsync(
        SqlSession tx,
        IReadOnlyList<DeclaredContent> units,
        bool allNew,
        Remote? remote,
        CancellationToken cancellationToken
    )
    {
        var ids = units.Select(u => u.Content.PulpId).Distinct().ToArray();
        var files = allNew ? [] : await FilesOfAsync(tx, ids, cancellationToken);
        var fresh = new List<object?[]>();
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
                if (!files.TryGetValue(at, out var file))
                {
                    file = new FileRow { PulpId = Ids.New(clock.GetUtcNow()), ArtifactId = artifact.Artifact?.PulpId };
                    files[at] = file;
                    fresh.Add([file.PulpId, unit.Content.PulpId, file.ArtifactId, artifact.RelativePath]);
                }
                else if (file.ArtifactId is null && artifact.Artifact is { } fetched)
                {
                    await tx.ExecuteAsync(
                        $"update core_contentartifact set artifact_id = {fetched.PulpId} where pulp_id = {file.PulpId} and artifact_id is null",
                        cancellationToken
                    );
                }

                if (remote is not null && artifact.Url.Length > 0)
                {
                    places[file.PulpId] = Place(file.PulpId, remote, artifact);
                }
            }
        }

        if (allNew)
        {
            // Their units are new, so they are.
            await tx.InsertManyAsync("core_contentartifact", FileColumns, fresh, Newness.Certain, cancellationToken);
            await tx.InsertManyAsync(
                "core_remoteartifact",
                RemoteColumns,
                places.Values,
                Newness.Certain,
                cancellationToken
            );
            return;
        }

        await tx.InsertManyAsync("core_contentartifact", FileColumns, fresh, cancellationToken);
        if (remote is not null)
        {
            await SavePlacesAsync(tx, remote, places, cancellationToken);
        }
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
        string? Other(string name) => artifact.OtherDigests?.GetValueOrDefault(name)?.ToLowerInvariant();
        return
        [
            Ids.New(),
            file,
            remote.PulpId,
            artifact.Url,
            artifact.Size,
            Other("md5"),
            Other("sha1"),
            Other("sha224"),
            artifact.Sha256?.ToLowerInvariant(),
            Other("sha384"),
            Other("sha512"),
        ];
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
