using Pulp.Core.Artifacts;
using Pulp.Core.Platform.Downloads;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Platform.Settings;
using Pulp.Core.Platform.Storage;
using Pulp.PluginSdk.Files;

namespace Pulp.Core.Uploads;

/// <summary>Uploads that come in order, for the requests of one domain: rows in the database, bytes in the storage.</summary>
internal sealed class StagedUploads(
    Database database,
    FileStorage storage,
    ArtifactStore artifacts,
    RunningDigests running,
    RequestOrigin origin,
    PulpSettings settings,
    TimeProvider clock
) : IStagedUploads
{
    public async Task<Guid> BeginAsync(string owner, TimeSpan expiry, CancellationToken cancellationToken)
    {
        var id = Ids.New(clock.GetUtcNow());
        await BeginAsync(id, owner, expiry, cancellationToken);
        return id;
    }

    public async Task<bool> BeginAsync(Guid id, string owner, TimeSpan expiry, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(expiry, TimeSpan.FromSeconds(1));
        var now = clock.GetUtcNow();
        return await database.ExecuteAsync(
                $"""
            insert into core_stagedupload (pulp_id, pulp_created, pulp_domain_id, owner, size, seconds_held, expires_at)
            values ({id}, {now}, {origin.Value.Reach.Domain}, {owner}, {0L}, {(long)expiry.TotalSeconds}, {now
                + expiry})
            on conflict (pulp_id) do nothing
            """,
                cancellationToken
            ) == 1;
    }

    public async Task<StagedUpload?> FindAsync(Guid id, CancellationToken cancellationToken) =>
        await RowAsync(id, cancellationToken) is { } row
            ? new StagedUpload
            {
                Id = id,
                Owner = row.Owner,
                Size = row.Size,
                ExpiresAt = row.ExpiresAt,
            }
            : null;

    public async Task<long> AppendAsync(Guid id, long? from, Stream body, CancellationToken cancellationToken)
    {
        using var opened = await OpenAsync(id, cancellationToken);
        var (file, row) = opened;
        if (from is { } start && start != row.Size)
        {
            running.Put(id, row.Size, file.Digests, row.ExpiresAt);
            throw new UploadRangeException(row.Size);
        }

        try
        {
            await file.AppendAllAsync(body, storage.LimitFor(own: null), cancellationToken);
        }
        finally
        {
            // What has come counts, whether or not the client is still there.
            await NoteAsync(id, file, row);
        }

        return file.Size;
    }

    private async Task NoteAsync(Guid id, GrowingFile file, Row row)
    {
        if (settings.FlushArtifacts)
        {
            file.Flush();
        }

        var expires = clock.GetUtcNow().AddSeconds(row.SecondsHeld);
        await database.ExecuteAsync(
            $"update core_stagedupload set size = {file.Size}, expires_at = {expires} where pulp_id = {id}",
            CancellationToken.None
        );
        running.Put(id, file.Size, file.Digests, expires);
    }

    public async Task<Artifact> CommitAsync(Guid id, FileExpectation expected, CancellationToken cancellationToken)
    {
        using var opened = await OpenAsync(id, cancellationToken);
        var (file, row) = opened;
        var digests = file.Finish(settings.AllowedContentChecksums);
        Expectation.Of(expected).Verify("The upload", row.Size, digests);

        // Disposed only when it is stored: an upload that can't be committed now stays to be committed later.
        var whole = TemporaryFile.Adopt(storage.Absolute(PathOf(id)), row.Size, digests);

        try
        {
            var artifact = await SaveAsync(id, whole, cancellationToken);
            await whole.DisposeAsync();
            return artifact;
        }
        catch
        {
            // The database may have failed when the file had been moved to its place.
            await artifacts.TakeBackAsync(origin.Value.Reach.Domain, whole, CancellationToken.None);
            throw;
        }
    }

    private async Task<Artifact> SaveAsync(Guid id, TemporaryFile whole, CancellationToken cancellationToken)
    {
        // Before the transaction: who removes artifacts waits for the database with this lock.
        await using var held = await artifacts.HoldAsync(cancellationToken);
        return await database.InTransactionAsync(
            async tx =>
            {
                var saved = await artifacts.SaveAsync(
                    origin.Value.Reach.Domain,
                    (SqlSession)tx,
                    [whole],
                    cancellationToken
                );
                await tx.ExecuteAsync($"delete from core_stagedupload where pulp_id = {id}", cancellationToken);
                return saved[whole.Digests.Sha256];
            },
            cancellationToken
        );
    }

    public async Task CancelAsync(Guid id, CancellationToken cancellationToken)
    {
        if (await RowAsync(id, cancellationToken) is not null)
        {
            await RemoveAsync(id, cancellationToken);
        }
    }

    public Task ForgetEmptyAsync(Guid id, IDb tx, CancellationToken cancellationToken) =>
        PluginDb
            .Unchecked(tx)
            .ExecuteAsync(
                $"""
                delete from core_stagedupload
                 where pulp_id = {id} and size = 0 and pulp_domain_id = {origin.Value.Reach.Domain}
                """,
                cancellationToken
            );

    private async Task RemoveAsync(Guid id, CancellationToken cancellationToken)
    {
        await database.ExecuteAsync($"delete from core_stagedupload where pulp_id = {id}", cancellationToken);
        RemoveBytes(id);
    }

    private void RemoveBytes(Guid id)
    {
        storage.Delete(PathOf(id));
        running.Forget(id);
    }

    /// <summary>Removes uploads of all domains that nobody went on with; at most so many.</summary>
    public async Task RemoveExpiredAsync(long most, CancellationToken cancellationToken)
    {
        // Asked again when it is removed: a piece may just have come.
        var now = clock.GetUtcNow();
        var expired = await database.ReturningAsync<Guid>(
            $"""
            delete from core_stagedupload
             where pulp_id in (select pulp_id from core_stagedupload where expires_at <= {now} limit {most})
               and expires_at <= {now}
            returning pulp_id
            """,
            cancellationToken
        );
        foreach (var id in expired)
        {
            RemoveBytes(id);
        }
    }

    /// <summary>Opens an upload, alone.</summary>
    private async Task<Opened> OpenAsync(Guid id, CancellationToken cancellationToken)
    {
        await RequireAsync(id, cancellationToken);
        var file =
            GrowingFile.TryOpen(storage.Absolute(PathOf(id)))
            ?? throw new ConflictException("Another piece of this upload is being added.");
        try
        {
            // Only now does nobody else add to it. It may be gone since, and then opening has made an empty file.
            var row = await RowAsync(id, cancellationToken);
            if (row is null)
            {
                storage.Delete(PathOf(id));
                throw NotFound();
            }

            if (file.GoOn(row.Size, running.Take(id, row.Size)))
            {
                return new Opened(file, row);
            }

            await RemoveAsync(id, CancellationToken.None);
            throw NotFound();
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private async Task<Row> RequireAsync(Guid id, CancellationToken cancellationToken) =>
        await RowAsync(id, cancellationToken) ?? throw NotFound();

    private static NotFoundException NotFound() => new("There is no such upload, or no longer.");

    private Task<Row?> RowAsync(Guid id, CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<Row>(
            $"""
            select owner, size, seconds_held, expires_at from core_stagedupload
             where pulp_id = {id} and pulp_domain_id = {origin.Value.Reach.Domain} and expires_at > {clock.GetUtcNow()}
            """,
            cancellationToken
        );

    private static string PathOf(Guid id) => $"upload/staged/{id}";

    private sealed record Opened(GrowingFile File, Row Row) : IDisposable
    {
        public void Dispose() => File.Dispose();
    }

    private sealed record Row
    {
        public string Owner { get; init; } = "";

        public long Size { get; init; }

        public long SecondsHeld { get; init; }

        public DateTimeOffset ExpiresAt { get; init; }
    }
}
