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
    StagedUploadRows rows,
    StagedUploadBytes bytes,
    OpenedUploads uploads,
    ArtifactStore artifacts,
    ReturnedFiles returned,
    RunningDigests running,
    RequestOrigin origin,
    PulpSettings settings,
    TimeProvider clock
) : IStagedUploads
{
    private Guid Domain => origin.Value.Reach.Domain;

    public async Task<Guid> BeginAsync(string owner, TimeSpan expiry, CancellationToken cancellationToken)
    {
        var id = Ids.New(clock.GetUtcNow());
        await BeginAsync(id, owner, expiry, cancellationToken);
        return id;
    }

    public Task<bool> BeginAsync(Guid id, string owner, TimeSpan expiry, CancellationToken cancellationToken) =>
        rows.AddAsync(Domain, id, Begun(owner, expiry), cancellationToken);

    private StagedUploadRow Begun(string owner, TimeSpan expiry)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(expiry, TimeSpan.FromSeconds(1));
        return new StagedUploadRow
        {
            Owner = owner,
            SecondsHeld = (long)expiry.TotalSeconds,
            ExpiresAt = clock.GetUtcNow() + expiry,
            IsNew = true,
        };
    }

    public async Task<StagedUpload?> FindAsync(Guid id, CancellationToken cancellationToken) =>
        await rows.FindAsync(Domain, id, cancellationToken) is { } row
            ? new StagedUpload
            {
                Id = id,
                Owner = row.Owner,
                Size = row.Size,
                ExpiresAt = row.ExpiresAt,
            }
            : null;

    public Task<long> AppendAsync(Guid id, long? from, Stream body, CancellationToken cancellationToken) =>
        AppendAsync(id, begun: null, from, body, cancellationToken);

    public Task<long> AppendAsync(
        Guid id,
        string owner,
        TimeSpan expiry,
        long? from,
        Stream body,
        CancellationToken cancellationToken
    ) => AppendAsync(id, Begun(owner, expiry), from, body, cancellationToken);

    /// <param name="id">The upload.</param>
    /// <param name="begun">The upload as it begins, where there is none; null where there must be one.</param>
    /// <param name="from">Where the piece begins.</param>
    /// <param name="body">The bytes.</param>
    /// <param name="cancellationToken">Stops it.</param>
    private async Task<long> AppendAsync(
        Guid id,
        StagedUploadRow? begun,
        long? from,
        Stream body,
        CancellationToken cancellationToken
    )
    {
        using var opened = await uploads.OpenAsync(Domain, id, begun, cancellationToken);
        var (file, row) = opened;
        if (from is { } start && start != row.Size)
        {
            running.Put(id, row.Size, file.Digests, row.ExpiresAt);
            if (row.IsNew)
            {
                bytes.Remove(id);
            }

            throw new UploadRangeException(row.Size);
        }

        bool isNoted;
        try
        {
            await file.AppendAllAsync(body, storage.LimitFor(own: null), cancellationToken);
        }
        finally
        {
            // What has come counts, whether or not the client is still there.
            isNoted = await NoteAsync(id, file, row);
        }

        return isNoted ? file.Size : throw OpenedUploads.Gone();
    }

    /// <summary>False where somebody has begun or ended an upload of this id since it was opened.</summary>
    private async Task<bool> NoteAsync(Guid id, GrowingFile file, StagedUploadRow row)
    {
        if (settings.FlushArtifacts)
        {
            file.Flush();
            if (row.Size == 0)
            {
                // Its first bytes: the file may have got its name just now.
                bytes.FlushName(id);
            }
        }

        var now = row with { Size = file.Size, ExpiresAt = clock.GetUtcNow().AddSeconds(row.SecondsHeld) };
        if (
            row.IsNew
                ? await rows.AddAsync(Domain, id, now, CancellationToken.None)
                : await rows.NoteAsync(id, row, now, CancellationToken.None)
        )
        {
            running.Put(id, file.Size, file.Digests, now.ExpiresAt);
            return true;
        }

        if ((await rows.FindAsync(Domain, id, CancellationToken.None))?.Owner != row.Owner)
        {
            bytes.Remove(id);
        }

        return false;
    }

    public async Task<Artifact> CommitAsync(Guid id, FileExpectation expected, CancellationToken cancellationToken)
    {
        await using var file = await TakeAsync(id, expected, cancellationToken);
        var whole = StagedTemporaryFile.Of(file);
        try
        {
            // Before the transaction: who removes artifacts waits for the database with this lock.
            await using var held = await artifacts.HoldAsync(cancellationToken);
            return await database.InTransactionAsync(
                async tx =>
                {
                    var saved = await artifacts.SaveAsync(Domain, (SqlSession)tx, [whole], cancellationToken);
                    await EndAsync(file, tx, cancellationToken);
                    return saved[whole.Digests.Sha256];
                },
                cancellationToken
            );
        }
        catch (Exception error)
        {
            // The database may have failed when the file had been moved to its place.
            await returned.TakeBackAsync(Domain, whole, error, CancellationToken.None);
            throw;
        }
    }

    public async Task<StagedFile> TakeAsync(Guid id, FileExpectation expected, CancellationToken cancellationToken)
    {
        var opened = await uploads.OpenAsync(Domain, id, begun: null, cancellationToken);
        try
        {
            // Who stores the file may read it before.
            if (!opened.File.TryShare())
            {
                throw OpenedUploads.Busy();
            }

            var digests = opened.File.Finish(settings.AllowedContentChecksums);
            Expectation.Of(expected).Verify("The upload", opened.Row.Size, digests);
            return new StagedUploadFile(id, TemporaryFile.Adopt(bytes.PathOf(id), opened.Row.Size, digests), opened);
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    public async Task EndAsync(StagedFile file, IDb tx, CancellationToken cancellationToken)
    {
        var upload = (StagedUploadFile)file;
        var session = (SqlSession)PluginDb.Unchecked(tx);
        if (!await rows.RemoveAsync(session, upload.Upload, upload.Size, cancellationToken))
        {
            // Somebody else has ended it, or it has expired.
            throw OpenedUploads.Gone();
        }

        session.AfterCommit(upload.End);
    }

    public async Task CancelAsync(Guid id, CancellationToken cancellationToken)
    {
        if (await rows.FindAsync(Domain, id, cancellationToken) is not null)
        {
            await uploads.CancelAsync(id, cancellationToken);
        }
    }

    public Task ForgetEmptyAsync(Guid id, IDb tx, CancellationToken cancellationToken) =>
        rows.RemoveEmptyAsync(PluginDb.Unchecked(tx), Domain, id, cancellationToken);
}
