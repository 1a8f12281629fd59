using System.Runtime.CompilerServices;
using Pulp.PluginSdk.Sync;

namespace PulpFile;

/// <summary>Reads the manifest; download, query, save and associate are Core's.</summary>
internal sealed class FileSync : SyncPlan<FileRepository, FileRemote>
{
    public override async IAsyncEnumerable<DeclaredContent> DeclareAsync(
        SyncContext<FileRepository, FileRemote> sync,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        FetchedFile manifest;
        await using (var metadata = sync.Task.Progress("Downloading Metadata", "sync.downloading.metadata", total: 1))
        {
            manifest = await sync.FetchAsync(sync.Url, cancellationToken);
            metadata.Increment();
            metadata.Complete();
        }

        if (sync.SkipUnchanged(manifest.Sha256))
        {
            yield break;
        }

        await using var parsing = sync.Task.Progress("Parsing Metadata Lines", "sync.parsing.metadata");
        await using var stream = manifest.Open();
        await foreach (var entry in FileManifest.ReadAsync(stream, cancellationToken))
        {
            parsing.Increment();
            yield return new DeclaredContent(
                new FileContent { RelativePath = entry.RelativePath, Digest = entry.Sha256 },
                new DeclaredArtifact(entry.RelativePath, sync.UrlFor(entry.RelativePath))
                {
                    Sha256 = entry.Sha256,
                    Size = entry.Size,
                }
            );
        }

        parsing.Complete();
    }
}
