using Pulp.Core.Platform.Storage;

namespace Pulp.Core.Uploads;

/// <summary>Opens uploads that come in pieces, each for one at a time among all processes.</summary>
internal sealed class OpenedUploads(StagedUploadRows rows, StagedUploadBytes bytes, RunningDigests running)
{
    private const int Attempts = 20;

    /// <summary>Opens an upload with what is noted of it.</summary>
    /// <param name="domain">Its domain.</param>
    /// <param name="id">The upload.</param>
    /// <param name="begun">The upload as it begins, where there is none; null where there must be one.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<OpenedUpload> OpenAsync(
        Guid domain,
        Guid id,
        StagedUploadRow? begun,
        CancellationToken cancellationToken
    )
    {
        var file = await OpenAsync(id, cancellationToken);
        try
        {
            // Only now does nobody else add to it. Where there is none, or another's, opening may have made an empty file.
            var row = await rows.FindAsync(domain, id, cancellationToken) ?? begun;
            if (row is null || (begun is not null && row.Owner != begun.Owner))
            {
                if (row is null or { Size: 0 })
                {
                    bytes.Remove(id);
                }

                throw Gone();
            }

            if (file.GoOn(row.Size, running.Take(id, row.Size)))
            {
                return new OpenedUpload(file, row);
            }

            if (file.IsEmpty)
            {
                // Its bytes were moved to be an artifact's, and may come back to this place when that fails: nothing goes here.
                throw Busy();
            }

            await RemoveAsync(id, CancellationToken.None);
            throw Gone();
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Removes an upload, once nobody adds to it.</summary>
    public async Task CancelAsync(Guid id, CancellationToken cancellationToken)
    {
        using var alone = await OpenAsync(id, cancellationToken);
        await RemoveAsync(id, cancellationToken);
    }

    private async Task RemoveAsync(Guid id, CancellationToken cancellationToken)
    {
        await rows.RemoveAsync(id, cancellationToken);
        bytes.Remove(id);
    }

    private async Task<GrowingFile> OpenAsync(Guid id, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            if (GrowingFile.TryOpen(bytes.PathOf(id)) is { } file)
            {
                return file;
            }

            if (attempt == Attempts)
            {
                throw Busy();
            }

            // Whoever added the last piece says how much there is a moment before the file is free.
            await Task.Delay(5, cancellationToken);
        }
    }

    public static ConflictException Busy() =>
        new("Another piece of this upload is being added, or all of it is being stored.");

    public static NotFoundException Gone() => new("There is no such upload, or no longer.");
}

/// <summary>An upload that nobody else can add to.</summary>
internal sealed record OpenedUpload(GrowingFile File, StagedUploadRow Row) : IDisposable
{
    public void Dispose() => File.Dispose();
}
