using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Platform.Storage;

namespace Pulp.Core.Uploads;

/// <summary>The chunks of uploads: files in the storage, their places in the database.</summary>
internal sealed class UploadChunks(
    Database database,
    FileStorage storage,
    IOwnership ownership,
    ResourceRegistry registry,
    TimeProvider clock
)
{
    /// <summary>Stores a chunk. A chunk at the same place replaces the earlier; one that overlaps another is refused.</summary>
    public async Task AddAsync(Guid upload, long start, TemporaryFile file, CancellationToken cancellationToken)
    {
        var path = $"upload/{upload}/{start}-{Guid.NewGuid():N}";
        try
        {
            storage.Put(file, path);
            var replaced = await database.InTransactionAsync(
                async tx =>
                {
                    // The upload's row is the lock: chunks may come in parallel.
                    var known = await tx.ExecuteAsync(
                        $"update core_upload set pulp_last_updated = {clock.GetUtcNow()} where pulp_id = {upload}",
                        cancellationToken
                    );
                    if (known == 0)
                    {
                        throw new NotFoundException("No Upload matches the given query.");
                    }

                    var old = await tx.ReturningAsync<string>(
                        $"delete from core_uploadchunk where upload_id = {upload} and start = {start} returning file",
                        cancellationToken
                    );
                    var end = start + file.Size;
                    var overlap = await tx.FirstOrDefaultAsync<long>(
                        $"""
                        select 1 from core_uploadchunk
                         where upload_id = {upload} and start < {end} and start + size > {start} limit 1
                        """,
                        cancellationToken
                    );
                    if (overlap == 1)
                    {
                        throw new FieldlessException("The chunk overlaps with another chunk of this upload.");
                    }

                    await tx.ExecuteAsync(
                        $"""
                        insert into core_uploadchunk (upload_id, start, size, file)
                        values ({upload}, {start}, {file.Size}, {path})
                        """,
                        cancellationToken
                    );
                    return old;
                },
                cancellationToken
            );
            foreach (var old in replaced)
            {
                storage.Delete(old);
            }
        }
        catch
        {
            storage.Delete(path);
            throw;
        }
    }

    /// <summary>Puts the chunks together.</summary>
    /// <exception cref="ConflictException">Some are missing.</exception>
    public async Task<TemporaryFile> AssembleAsync(Upload upload, CancellationToken cancellationToken)
    {
        var chunks = await database.QueryAsync<ChunkRow>(
            $"select start, size, file from core_uploadchunk where upload_id = {upload.PulpId} order by start",
            cancellationToken
        );
        var file = storage.Begin();
        try
        {
            foreach (var chunk in chunks)
            {
                if (chunk.Start != file.Size)
                {
                    throw new ConflictException($"The upload has no bytes from {file.Size} to {chunk.Start}.");
                }

                await using var stream = storage.Own.OpenRead(chunk.File);
                await file.AppendAllAsync(stream, limit: null, cancellationToken);
            }

            if (file.Size != upload.Size)
            {
                throw new ConflictException($"The upload has {file.Size} of its {upload.Size} bytes.");
            }

            await file.FinishAsync(cancellationToken);
            return file;
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }

    /// <summary>Removes an upload with its chunks; false when it is gone.</summary>
    public async Task<bool> RemoveAsync(Guid upload, CancellationToken cancellationToken)
    {
        var files = await database.QueryAsync<string>(
            $"select file from core_uploadchunk where upload_id = {upload}",
            cancellationToken
        );
        var removed = await database.InTransactionAsync(
            async tx =>
            {
                await ownership.DeletedAsync(tx, registry.For<Upload>(), upload, cancellationToken);
                return await tx.ExecuteAsync($"delete from core_upload where pulp_id = {upload}", cancellationToken);
            },
            cancellationToken
        );
        foreach (var file in files)
        {
            storage.Delete(file);
        }

        storage.DeleteDirectory($"upload/{upload}/");
        return removed > 0;
    }

    private sealed record ChunkRow
    {
        public long Start { get; init; }

        public long Size { get; init; }

        public string File { get; init; } = "";
    }
}
