using Pulp.Core.Platform.Storage;

namespace Pulp.Core.Artifacts;

/// <summary>Keeps files as artifacts: bytes in the storage, rows in the database, never one without the other.</summary>
internal sealed class ArtifactStore(
    Database database,
    FileStorage storage,
    ArtifactFiles stored,
    DomainDirectory domains,
    TimeProvider clock
)
{
    /// <summary>
    /// Keeps artifacts from being removed. Whoever is going to refer to some holds it from looking at them until that is committed.
    /// </summary>
    public Task<StorageLock> HoldAsync(CancellationToken cancellationToken) =>
        storage.LockForAddingAsync(cancellationToken);

    public async Task<Artifact> SaveAsync(Guid domain, TemporaryFile file, CancellationToken cancellationToken)
    {
        var saved = await SaveAsync(domain, [file], cancellationToken);
        return saved[file.Digests.Sha256];
    }

    /// <summary>Keeps the files for a domain; answers the artifacts by SHA-256, those that were there before among them.</summary>
    public async Task<IReadOnlyDictionary<string, Artifact>> SaveAsync(
        Guid domain,
        IReadOnlyCollection<TemporaryFile> files,
        CancellationToken cancellationToken
    )
    {
        // Whoever removes artifacts stays away until file and row are both there.
        await using var held = await HoldAsync(cancellationToken);
        return await SaveAsync(domain, database, files, cancellationToken);
    }

    /// <summary>
    /// The same on a session, whose owner holds the artifacts (<see cref="HoldAsync"/>) until what was written there is committed.
    /// </summary>
    public async Task<IReadOnlyDictionary<string, Artifact>> SaveAsync(
        Guid domain,
        SqlSession session,
        IReadOnlyCollection<TemporaryFile> files,
        CancellationToken cancellationToken
    ) => await StoreAsync(session, await KeepAsync(domain, session, files, cancellationToken), cancellationToken);

    /// <summary>
    /// Brings the files to their places, for rows that are stored in a transaction that comes (<see cref="StoreAsync"/>): flushing them
    /// takes longer than all the rest. The owner holds the artifacts until that is committed.
    /// </summary>
    public Task<KeptFiles> KeepAsync(
        Guid domain,
        IReadOnlyCollection<TemporaryFile> files,
        CancellationToken cancellationToken
    ) => KeepAsync(domain, database, files, cancellationToken);

    private async Task<KeptFiles> KeepAsync(
        Guid domain,
        SqlSession session,
        IReadOnlyCollection<TemporaryFile> files,
        CancellationToken cancellationToken
    )
    {
        await LocateAsync(domain, cancellationToken);
        var digests = files.Select(f => f.Digests.Sha256).Distinct(StringComparer.Ordinal).ToArray();
        // A task may be going to use them only later, when nobody holds them: an orphan among them is of interest from now on.
        var found = await FindAndTouchAsync(domain, session, digests, clock.GetUtcNow(), cancellationToken);
        var fresh = new List<TemporaryFile>();
        // In one order everywhere: two tasks that insert the same rows wait for each other, never in a circle.
        foreach (
            var file in files.DistinctBy(f => f.Digests.Sha256).OrderBy(f => f.Digests.Sha256, StringComparer.Ordinal)
        )
        {
            if (
                !found.TryGetValue(file.Digests.Sha256, out var known)
                || await stored.SizeAsync(known.File, cancellationToken) != known.Size
            )
            {
                fresh.Add(file);
            }
        }

        var now = clock.GetUtcNow();
        var rows = new List<object?[]>(fresh.Count);
        foreach (var file in fresh)
        {
            var name = await stored.KeepAsync(domain, file, flush: fresh.Count == 1, cancellationToken);
            rows.Add(ArtifactRows.Of(domain, file, name, now));
        }

        if (fresh.Count > 1)
        {
            await stored.FlushAsync(domain, cancellationToken);
        }

        return new KeptFiles(domain, found, rows);
    }

    /// <summary>Where the domain's files lie is sure from here on, for who holds the artifacts: who moves them waits.</summary>
    private Task LocateAsync(Guid domain, CancellationToken cancellationToken) =>
        domain == Domains.Default ? Task.CompletedTask : domains.LoadAsync(cancellationToken);

    /// <summary>Stores the rows of files that were kept; answers the artifacts by SHA-256, those that were there before among them.</summary>
    public async Task<IReadOnlyDictionary<string, Artifact>> StoreAsync(
        SqlSession session,
        KeptFiles kept,
        CancellationToken cancellationToken
    )
    {
        var rows = kept.Rows;
        if (rows.Count == 0)
        {
            return kept.Found;
        }

        if (await session.InsertManyAsync("core_artifact", ArtifactRows.Columns, rows, cancellationToken) == rows.Count)
        {
            return rows.Select(ArtifactRows.Read)
                .Concat(kept.Found.Values)
                .DistinctBy(a => a.Sha256)
                .ToDictionary(a => a.Sha256, StringComparer.Ordinal);
        }

        // Somebody else kept the same at the same moment: theirs count.
        string[] digests =
        [
            .. kept.Found.Keys.Union(rows.Select(r => ArtifactRows.Read(r).Sha256), StringComparer.Ordinal),
        ];
        return await FindAndTouchAsync(
            kept.Domain,
            session,
            digests,
            clock.GetUtcNow().AddHours(-1),
            cancellationToken
        );
    }

    /// <summary>Removes the files of artifacts whose rows weren't stored after all.</summary>
    public async Task RemoveUnstoredAsync(IReadOnlyList<Artifact> kept, CancellationToken cancellationToken)
    {
        await using var alone = await storage.LockForRemovingAsync(cancellationToken);
        IReadOnlyCollection<string> files = [.. kept.Select(a => a.File)];
        var known = await database.QueryAsync<string>(
            $"select file from core_artifact where file in {files}",
            cancellationToken
        );
        foreach (var file in files.Except(known))
        {
            await stored.DeleteAsync(file, cancellationToken);
        }
    }

    /// <summary>Puts the file of an artifact back, whatever lies in its place now.</summary>
    public async Task<Artifact> RestoreAsync(Guid domain, TemporaryFile file, CancellationToken cancellationToken)
    {
        await using (await HoldAsync(cancellationToken))
        {
            await LocateAsync(domain, cancellationToken);
            var found = await FindAndTouchAsync(domain, [file.Digests.Sha256], cancellationToken);
            if (found.TryGetValue(file.Digests.Sha256, out var artifact))
            {
                await stored.KeepAsync(domain, file, flush: true, cancellationToken);
                return artifact;
            }
        }

        return await SaveAsync(domain, file, cancellationToken);
    }

    /// <summary>Artifacts of these digests that exist; those that were of no interest for a while are of interest again.</summary>
    public Task<IReadOnlyDictionary<string, Artifact>> FindAndTouchAsync(
        Guid domain,
        IReadOnlyCollection<string> sha256,
        CancellationToken cancellationToken
    ) => FindAndTouchAsync(domain, database, sha256, cancellationToken);

    /// <summary>The same on a session.</summary>
    public Task<IReadOnlyDictionary<string, Artifact>> FindAndTouchAsync(
        Guid domain,
        SqlSession session,
        IReadOnlyCollection<string> sha256,
        CancellationToken cancellationToken
    ) => FindAndTouchAsync(domain, session, sha256, clock.GetUtcNow().AddHours(-1), cancellationToken);

    private async Task<IReadOnlyDictionary<string, Artifact>> FindAndTouchAsync(
        Guid domain,
        SqlSession session,
        IReadOnlyCollection<string> sha256,
        DateTimeOffset ofInterestSince,
        CancellationToken cancellationToken
    )
    {
        if (sha256.Count == 0)
        {
            return new Dictionary<string, Artifact>(StringComparer.Ordinal);
        }

        var now = clock.GetUtcNow();
        var found = await session.QueryAsync<Artifact>(
            $"""
            select pulp_id, pulp_created, pulp_last_updated, file, size, md5, sha1, sha224, sha256, sha384, sha512,
                   timestamp_of_interest
              from core_artifact where sha256 in {sha256} and pulp_domain_id = {domain}
            """,
            cancellationToken
        );
        var stale = found.Where(a => a.TimestampOfInterest < ofInterestSince).Select(a => a.PulpId).ToList();
        if (stale.Count == 0)
        {
            return found.ToDictionary(a => a.Sha256, StringComparer.Ordinal);
        }

        // An orphan among them may be removed at this very moment: only those that are still there count.
        var kept = await session.ReturningAsync<Guid>(
            $"""
            update core_artifact set timestamp_of_interest = {now}
             where pulp_id in (select pulp_id from core_artifact where pulp_id in {stale}
                                order by pulp_id {Sql.For("for no key update", "")})
            returning pulp_id
            """,
            cancellationToken
        );
        var gone = stale.Except(kept).ToHashSet();
        return found.Where(a => !gone.Contains(a.PulpId)).ToDictionary(a => a.Sha256, StringComparer.Ordinal);
    }
}
