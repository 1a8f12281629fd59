using System.Runtime.CompilerServices;
using Pulp.Core.Artifacts;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Platform.Storage;
using Pulp.Core.Repositories;
using Pulp.PluginSdk.Publishing;
using Pulp.PluginSdk.Sync;

namespace Pulp.Core.Publications;

/// <summary>Takes what the plugin's publisher writes and stores it under one publication.</summary>
internal sealed class PublicationWriter(
    Database database,
    ResourceStore store,
    ArtifactStore artifacts,
    FileStorage storage,
    Guid domain,
    Guid publication,
    VersionRow version
) : IPublicationWriter
{
    /// <summary>Whether units are passed through.</summary>
    public bool PassesThrough { get; private set; }

    public void PassThrough() => PassesThrough = true;

    public async IAsyncEnumerable<PublishedUnit<TContent>> ContentAsync<TContent>(
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
        where TContent : Content
    {
        var units = new PublishedUnits(database, store);
        await foreach (var unit in units.ReadAsync<TContent>(version, cancellationToken))
        {
            yield return unit;
        }
    }

    public async Task AddMetadataAsync(
        string relativePath,
        Func<Stream, Task> write,
        CancellationToken cancellationToken
    )
    {
        if (!RelativePaths.IsSafe(relativePath))
        {
            throw new ValidationException(
                "manifest",
                $"'{RelativePaths.Shorten(relativePath)}' is not an allowed path."
            );
        }

        await using var file = storage.Begin();
        await using (var stream = new DigestingStream(file, cancellationToken))
        {
            await write(stream);
        }

        await file.FinishAsync(cancellationToken);
        await using var held = await artifacts.HoldAsync(cancellationToken);
        var kept = await artifacts.KeepAsync(domain, [file], cancellationToken);
        await database.InRepeatedTransactionAsync(
            async tx =>
            {
                var saved = await artifacts.StoreAsync((SqlSession)tx, kept, cancellationToken);
                return await tx.ExecuteAsync(
                    $"""
                    insert into core_publishedmetadata (publication_id, relative_path, artifact_id)
                    values ({publication}, {relativePath}, {saved[file.Digests.Sha256].PulpId})
                    """,
                    cancellationToken
                );
            },
            cancellationToken
        );
    }
}
