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
    UnitFiles files,
    StagedArtifacts staged,
    TimeProvider clock
)
{
    /// <summary>Saves a batch in one transaction, for a domain.</summary>
    public Task SaveAsync(
        Guid domain,
        IReadOnlyList<SyncItem> batch,
        Remote? remote,
        CancellationToken cancellationToken
    ) => SaveAsync(domain, database, batch, remote, cancellationToken);

    /// <summary>The same on a session, whose own transaction it is part of where there is one.</summary>
    public async Task SaveAsync(
        Guid domain,
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
                    await SaveKindAsync(domain, (SqlSession)tx, kind.Key, [.. kind], remote, cancellationToken);
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
        Guid domain,
        SqlSession session,
        IReadOnlyList<DeclaredContent> declared,
        Remote? from,
        CancellationToken cancellationToken
    )
    {
        if (declared.Count > 0)
        {
            await SaveAsync(domain, session, [.. declared.Select(d => new SyncItem(d))], from, cancellationToken);
        }

        return [.. declared.Select(d => d.SavedId)];
    }

    /// <summary>The same, and behind them what follows from their ids (<see cref="DeclaredContent.Followers"/>).</summary>
    public async Task<IReadOnlyList<Guid>> SaveWithFollowersAsync(
        Guid domain,
        SqlSession session,
        IReadOnlyList<DeclaredContent> declared,
        Remote? from,
        CancellationToken cancellationToken
    )
    {
        var saved = await SaveAsync(domain, session, declared, from, cancellationToken);
        DeclaredContent[] followers =
        [
            .. declared.Zip(saved).SelectMany(s => s.First.Followers?.Invoke(s.Second) ?? []),
        ];
        return [.. saved, .. await SaveAsync(domain, session, followers, from: null, cancellationToken)];
    }

    /// <summary>Keeps the received files of units, as whoever holds the artifacts; answers which files those were.</summary>
    public Task<IReadOnlyList<Artifact>> KeepStagedAsync(
        Guid domain,
        SqlSession session,
        IReadOnlyList<DeclaredContent> declared,
        CancellationToken cancellationToken
    ) => staged.SaveAsync(domain, session, declared, cancellationToken);

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
        Guid domain,
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
        var stored = new StoredUnits(domain, tx, kind, key);
        var known = await stored.FindAndTouchAsync(units, clock.GetUtcNow(), cancellationToken);
        var fresh = Fresh(kind, units, known);
        Identify(units, fresh, known);
        // Where nothing is known of them, all that belongs to them is new, too, and goes with them.
        var allNew = fresh.Count == units.Count;
        var declared = units.ConvertAll(u => u.Item.Declared);
        BulkRows[] along = allNew ? [.. files.New(declared, remote), .. references.RowsOf(kind, declared)] : [];
        if (fresh.Count > 0 && !await UnitRows.InsertAsync(domain, tx, kind, fresh.Values, along, cancellationToken))
        {
            await ReplaceLostAsync(tx, stored, fresh, known, units, cancellationToken);
            Identify(units, fresh, known);
            allNew = false;
        }

        if (!allNew)
        {
            await files.SaveAsync(tx, declared, remote, cancellationToken);
        }

        declared = units.FindAll(u => u.Item.IsNew).ConvertAll(u => u.Item.Declared);
        if (!allNew)
        {
            await tx.InsertAllAsync(references.RowsOf(kind, declared), cancellationToken);
        }

        foreach (var unit in declared.DistinctBy(u => u.Content.PulpId))
        {
            if (unit.AlsoSave is { } save)
            {
                await save(new PluginDb(tx), unit.Content.PulpId, cancellationToken);
            }
        }
    }

    /// <summary>The units that aren't there yet, each once, as they are to be stored.</summary>
    private Dictionary<NaturalKey, Content> Fresh(
        ResourceKind kind,
        IReadOnlyList<KeyedItem> units,
        Dictionary<NaturalKey, Guid> known
    )
    {
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

        return fresh;
    }

    /// <summary>Gives the units their ids: of those that are there, or of those that are to be stored.</summary>
    private static void Identify(
        List<KeyedItem> units,
        Dictionary<NaturalKey, Content> fresh,
        Dictionary<NaturalKey, Guid> known
    )
    {
        foreach (var (natural, item) in units)
        {
            item.IsNew = !known.TryGetValue(natural, out var id);
            item.Declared.Content = item.Declared.Content with { PulpId = item.IsNew ? fresh[natural].PulpId : id };
        }
    }

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
}
