using System.Reflection;
using System.Text.Json;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Plugins;
using Pulp.PluginSdk.Sync;

namespace Pulp.Core.Sync;

/// <summary>Stores units with their files and the places they come from; what exists already is found, not doubled.</summary>
internal sealed class ContentSaver(Database database, ResourceStore store, PluginCatalog plugins, TimeProvider clock)
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

    /// <summary>Saves a batch of a sync in one transaction.</summary>
    public async Task SaveAsync(IReadOnlyList<SyncItem> batch, Remote? remote, CancellationToken cancellationToken)
    {
        foreach (var item in batch)
        {
            Complete(item.Declared);
        }

        await database.InTransactionAsync(
            async tx =>
            {
                foreach (var group in batch.GroupBy(i => i.Declared.Content.GetType()))
                {
                    var kind = store.Registry.For(group.Key);
                    await SaveKindAsync(tx, kind, [.. group.Select(i => i.Declared)], remote, cancellationToken);
                }
            },
            cancellationToken
        );

        // Only now: who waits for an id may use it at once.
        foreach (var item in batch)
        {
            item.Declared.SetSaved(item.Declared.Content.PulpId);
        }
    }

    private void Complete(DeclaredContent declared)
    {
        if (
            declared is { Artifacts: [{ Artifact: { } artifact }] }
            && plugins.Content(declared.Content.GetType()) is { IsSingleArtifact: true } declaration
        )
        {
            declared.Content = declaration.Complete(declared.Content, artifact);
        }
    }

    private async Task SaveKindAsync(
        IDb tx,
        ResourceKind kind,
        IReadOnlyList<DeclaredContent> units,
        Remote? remote,
        CancellationToken cancellationToken
    )
    {
        var key = KeyFields(kind);
        var known = await FindAsync(tx, kind, key, units, cancellationToken);
        var fresh = new Dictionary<NaturalKey, Content>();
        var now = clock.GetUtcNow();
        foreach (var unit in units)
        {
            var natural = NaturalKey.Of(unit.Content, key);
            if (!known.ContainsKey(natural) && !fresh.ContainsKey(natural))
            {
                fresh[natural] = unit.Content with
                {
                    PulpId = Ids.New(now),
                    PulpCreated = now,
                    PulpLastUpdated = now,
                    PulpType = kind.PulpType,
                    TimestampOfInterest = now,
                };
            }
        }

        if (fresh.Count > 0)
        {
            // In one order everywhere: two tasks that insert the same units wait for each other, never in a circle.
            var ordered = fresh.OrderBy(f => f.Key.Text, StringComparer.Ordinal).Select(f => f.Value).ToList();
            await InsertAsync(tx, kind, ordered, cancellationToken);
            await ReplaceLostAsync(tx, kind, key, fresh, known, units, cancellationToken);
        }

        foreach (var unit in units)
        {
            var natural = NaturalKey.Of(unit.Content, key);
            var id = known.TryGetValue(natural, out var existing) ? existing : fresh[natural].PulpId;
            unit.Content = unit.Content with { PulpId = id };
        }

        await SaveFilesAsync(tx, units, fresh.Count == units.Count, remote, cancellationToken);
    }

    /// <summary>Units that another task stored at the same moment: theirs count, ours go.</summary>
    private static async Task ReplaceLostAsync(
        IDb tx,
        ResourceKind kind,
        IReadOnlyList<FieldDescriptor> key,
        Dictionary<NaturalKey, Content> fresh,
        Dictionary<NaturalKey, Guid> known,
        IReadOnlyList<DeclaredContent> units,
        CancellationToken cancellationToken
    )
    {
        var ids = fresh.Values.Select(c => c.PulpId).ToArray();
        var count = SqlText.Raw($"select count(*) from {kind.DetailTable} where pulp_id in ");
        count.Append($"{ids}");
        if (await tx.FirstOrDefaultAsync<long>(count, cancellationToken) == ids.Length)
        {
            return;
        }

        foreach (var (natural, id) in await FindAsync(tx, kind, key, units, cancellationToken))
        {
            if (fresh.TryGetValue(natural, out var mine) && mine.PulpId != id)
            {
                await tx.ExecuteAsync($"delete from core_content where pulp_id = {mine.PulpId}", cancellationToken);
                fresh.Remove(natural);
                known[natural] = id;
            }
        }
    }

    private static async Task InsertAsync(
        IDb tx,
        ResourceKind kind,
        IReadOnlyCollection<Content> units,
        CancellationToken cancellationToken
    )
    {
        var master = kind.Fields.Where(f => !f.OnDetail).ToList();
        await InsertAsync(tx, kind.MasterTable, master, units, cancellationToken);
        if (kind.DetailTable is { } table)
        {
            var detail = kind.Fields.Where(f => f.OnDetail || f.PropertyName == nameof(PulpResource.PulpId)).ToList();
            await InsertAsync(tx, table, detail, units, cancellationToken);
        }
    }

    private static Task InsertAsync(
        IDb tx,
        string table,
        IReadOnlyList<FieldDescriptor> fields,
        IReadOnlyCollection<Content> units,
        CancellationToken cancellationToken
    ) =>
        tx.InsertManyAsync(
            table,
            [.. fields.Select(f => new BulkColumn(f.Column, f.ColumnType))],
            [.. units.Select(u => fields.Select(f => f.Get(u)).ToArray())],
            cancellationToken
        );

    private static List<FieldDescriptor> KeyFields(ResourceKind kind) =>
        kind.Record.GetCustomAttribute<UniqueAttribute>() is { } unique
            ? [.. unique.Properties.Select(kind.FieldOf)]
            : throw new InvalidOperationException($"{kind.ModelName} needs [Unique] to be synced.");

    /// <summary>Units of the batch that are stored already, by one look into the unique index for each.</summary>
    private static async Task<Dictionary<NaturalKey, Guid>> FindAsync(
        IDb tx,
        ResourceKind kind,
        IReadOnlyList<FieldDescriptor> key,
        IReadOnlyList<DeclaredContent> units,
        CancellationToken cancellationToken
    )
    {
        var columns = string.Join(", ", key.Select(k => "d." + k.Column));
        var sql = SqlText.Raw($"select d.pulp_id, {columns} from ");
        if (tx.IsPostgres)
        {
            sql.AppendLiteral("unnest(");
            for (var i = 0; i < key.Count; i++)
            {
                var field = key[i];
                sql.AppendLiteral(i == 0 ? "" : ", ");
                sql.Append($"{new SqlArray([.. units.Select(u => TextOf(field, u.Content))])}");
            }

            var names = string.Join(", ", key.Select((_, i) => $"k{i}"));
            var same = string.Join(" and ", key.Select((k, i) => $"d.{k.Column} = cast(j.k{i} as {PostgresType(k)})"));
            sql.AppendLiteral($") j({names}) join {kind.DetailTable} d on {same}");
        }
        else
        {
            // Cross join keeps SQLite's planner at this order: keys outside, the index inside.
            var keys = JsonSerializer.Serialize(units.Select(u => key.Select(k => TextOf(k, u.Content))));
            var same = string.Join(" and ", key.Select((k, i) => $"d.{k.Column} = json_extract(j.value, '$[{i}]')"));
            sql.Append($"json_each({keys}) j");
            sql.AppendLiteral($" cross join {kind.DetailTable} d on {same}");
        }

        var found = new Dictionary<NaturalKey, Guid>();
        await ((SqlSession)tx).ReadRowsAsync(
            sql,
            async (reader, token) =>
            {
                var row = new RowReader(reader);
                while (await reader.ReadAsync(token))
                {
                    var values = key.Select((_, i) => reader.GetValue(i + 1)?.ToString() ?? "");
                    found[new NaturalKey(string.Join('\0', values))] = row.Id(0);
                }
            },
            cancellationToken
        );
        return found;
    }

    private static string TextOf(FieldDescriptor field, Content unit) =>
        SqliteDialect.Convert(field.Get(unit)) is var value and not DBNull
            ? Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture) ?? ""
            : "";

    private static string PostgresType(FieldDescriptor field) =>
        field.Type switch
        {
            FieldType.Integer => "bigint",
            FieldType.Number => "double precision",
            FieldType.Boolean => "boolean",
            FieldType.Timestamp => "timestamptz",
            FieldType.Reference => "uuid",
            _ => "text",
        };

    private async Task SaveFilesAsync(
        IDb tx,
        IReadOnlyList<DeclaredContent> units,
        bool allFresh,
        Remote? remote,
        CancellationToken cancellationToken
    )
    {
        var ids = units.Select(u => u.Content.PulpId).Distinct().ToArray();
        var files = allFresh ? [] : await FilesOfAsync(tx, ids, cancellationToken);
        var fresh = new List<object?[]>();
        var places = new List<object?[]>();
        foreach (var unit in units)
        {
            foreach (var artifact in unit.Artifacts)
            {
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
                    places.Add(Place(file.PulpId, remote, artifact));
                }
            }
        }

        await tx.InsertManyAsync("core_contentartifact", FileColumns, fresh, cancellationToken);
        if (remote is not null)
        {
            await SavePlacesAsync(tx, remote, places, allFresh, cancellationToken);
        }
    }

    private async Task SavePlacesAsync(
        IDb tx,
        Remote remote,
        IReadOnlyList<object?[]> places,
        bool allFresh,
        CancellationToken cancellationToken
    )
    {
        await tx.InsertManyAsync("core_remoteartifact", RemoteColumns, places, cancellationToken);
        if (allFresh)
        {
            return;
        }

        // What moved upstream since the last sync.
        var byFile = places.ToLookup(p => (Guid)(p[1] ?? Guid.Empty));
        var files = byFile.Select(f => f.Key).ToArray();
        var stored = await tx.QueryAsync<PlaceRow>(
            $"select content_artifact_id, url from core_remoteartifact where remote_id = {remote.PulpId} and content_artifact_id in {files}",
            cancellationToken
        );
        foreach (var old in stored)
        {
            if (byFile[old.ContentArtifactId].Last() is [_, _, _, string url, ..] && url != old.Url)
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

    private readonly record struct NaturalKey(string Text)
    {
        public static NaturalKey Of(Content content, IReadOnlyList<FieldDescriptor> key) =>
            new(string.Join('\0', key.Select(k => k.Get(content)?.ToString() ?? "")));
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
