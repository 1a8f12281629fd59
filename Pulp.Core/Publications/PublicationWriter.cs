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
    private bool _passThrough;

    public void PassThrough() => _passThrough = true;

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
        var artifact = await artifacts.SaveAsync(domain, file, cancellationToken);
        await database.ExecuteAsync(
            $"""
            insert into core_publishedmetadata (publication_id, relative_path, artifact_id)
            values ({publication}, {relativePath}, {artifact.PulpId})
            """,
            cancellationToken
        );
    }

    /// <summary>Stores whether units are passed through; the last step.</summary>
    public async Task StoreModeAsync(CancellationToken cancellationToken) =>
        await database.ExecuteAsync(
            $"update core_publication set pass_through = {_passThrough} where pulp_id = {publication}",
            cancellationToken
        );
}
