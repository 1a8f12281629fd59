namespace Pulp.Core.Uploads;

/// <summary>What is noted of an upload that comes in pieces.</summary>
internal sealed record StagedUploadRow
{
    public string Owner { get; init; } = "";

    public long Size { get; init; }

    public long SecondsHeld { get; init; }

    public DateTimeOffset ExpiresAt { get; init; }

    /// <summary>Whether nothing is stored of it yet.</summary>
    public bool IsNew { get; init; }
}

/// <summary>The rows of uploads that come in pieces.</summary>
internal sealed class StagedUploadRows(Database database, TimeProvider clock)
{
    /// <summary>The row of an upload that is still held; null where there is none.</summary>
    public Task<StagedUploadRow?> FindAsync(Guid domain, Guid id, CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<StagedUploadRow>(
            $"""
            select owner, size, seconds_held, expires_at from core_stagedupload
             where pulp_id = {id} and pulp_domain_id = {domain} and expires_at > {clock.GetUtcNow()}
            """,
            cancellationToken
        );

    /// <summary>False where there is one of that id.</summary>
    public async Task<bool> AddAsync(Guid domain, Guid id, StagedUploadRow row, CancellationToken cancellationToken) =>
        await database.ExecuteAsync(
            $"""
            insert into core_stagedupload (pulp_id, pulp_created, pulp_domain_id, owner, size, seconds_held, expires_at)
            values ({id}, {clock.GetUtcNow()}, {domain}, {row.Owner}, {row.Size}, {row.SecondsHeld}, {row.ExpiresAt})
            on conflict (pulp_id) do nothing
            """,
            cancellationToken
        ) == 1;

    /// <summary>Stores how many bytes have come; false where it isn't any more what it was.</summary>
    public async Task<bool> NoteAsync(
        Guid id,
        StagedUploadRow before,
        StagedUploadRow now,
        CancellationToken cancellationToken
    ) =>
        await database.ExecuteAsync(
            $"""
            update core_stagedupload set size = {now.Size}, expires_at = {now.ExpiresAt}
             where pulp_id = {id} and owner = {before.Owner} and size = {before.Size}
            """,
            cancellationToken
        ) == 1;

    /// <summary>Removes one with so many bytes; false where there is none.</summary>
    public async Task<bool> RemoveAsync(IDb session, Guid id, long size, CancellationToken cancellationToken) =>
        await session.ExecuteAsync(
            $"delete from core_stagedupload where pulp_id = {id} and size = {size}",
            cancellationToken
        ) == 1;

    public Task RemoveAsync(Guid id, CancellationToken cancellationToken) =>
        database.ExecuteAsync($"delete from core_stagedupload where pulp_id = {id}", cancellationToken);

    /// <summary>Removes one that nothing came for.</summary>
    public Task RemoveEmptyAsync(IDb session, Guid domain, Guid id, CancellationToken cancellationToken) =>
        session.ExecuteAsync(
            $"delete from core_stagedupload where pulp_id = {id} and size = 0 and pulp_domain_id = {domain}",
            cancellationToken
        );

    /// <summary>Removes those of all domains that nobody went on with, at most so many; answers which.</summary>
    // Asked again when it is removed: a piece may just have come.
    public Task<IReadOnlyList<Guid>> RemoveExpiredAsync(long most, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        return database.ReturningAsync<Guid>(
            $"""
            delete from core_stagedupload
             where pulp_id in (select pulp_id from core_stagedupload where expires_at <= {now} limit {most})
               and expires_at <= {now}
            returning pulp_id
            """,
            cancellationToken
        );
    }

    /// <summary>Those of the ids that there are.</summary>
    public Task<IReadOnlyList<Guid>> ExistingAsync(
        IReadOnlyCollection<Guid> ids,
        CancellationToken cancellationToken
    ) => database.QueryAsync<Guid>($"select pulp_id from core_stagedupload where pulp_id in {ids}", cancellationToken);
}
