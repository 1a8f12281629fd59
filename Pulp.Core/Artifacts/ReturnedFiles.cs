using System.Data.Common;
using Pulp.Core.Platform.Storage;

namespace Pulp.Core.Artifacts;

/// <summary>Files that were brought to their places, and go back to where they were received.</summary>
internal sealed class ReturnedFiles(Database database, FileStorage storage)
{
    /// <summary>Takes back a file whose row wasn't stored after all: it lies again where it was received.</summary>
    /// <param name="domain">The domain that it was kept for.</param>
    /// <param name="file">The file.</param>
    /// <param name="reason">Why its row wasn't stored.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task TakeBackAsync(
        Guid domain,
        TemporaryFile file,
        Exception reason,
        CancellationToken cancellationToken
    )
    {
        await using var alone = await storage.LockForRemovingAsync(cancellationToken);
        // Of a commit that broke off nobody knows whether it counted, now or in a moment: the file is needed in both places.
        file.TakeBack(reason is DatabaseUnavailableException || await MayBeNamedAsync(domain, file, cancellationToken));
    }

    private async Task<bool> MayBeNamedAsync(Guid domain, TemporaryFile file, CancellationToken cancellationToken)
    {
        var name = ArtifactFiles.NameOf(domain, file.Digests.Sha256);
        try
        {
            SqlText rows = $"select count(*) from core_artifact where file = {name}";
            return await database.FirstOrDefaultAsync<long>(rows, cancellationToken) > 0;
        }
        catch (Exception error) when (error is DbException or DatabaseUnavailableException)
        {
            // Its failure may be the reason why we are here. Somebody else may have stored the same file, so it stays in its place.
            return true;
        }
    }
}
