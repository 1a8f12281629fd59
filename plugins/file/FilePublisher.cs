using Pulp.PluginSdk.Publishing;

namespace PulpFile;

/// <summary>Serves each file under its path, and the manifest beside them.</summary>
internal sealed class FilePublisher : Publisher<FilePublication>
{
    public override async Task WriteAsync(
        FilePublication publication,
        IPublicationWriter writer,
        CancellationToken cancellationToken
    )
    {
        writer.PassThrough();
        if (publication.Manifest is { } name)
        {
            await writer.AddMetadataAsync(
                name,
                stream =>
                    FileManifest.WriteAsync(
                        stream,
                        writer.ContentAsync<FileContent>(cancellationToken),
                        cancellationToken
                    ),
                cancellationToken
            );
        }
    }
}
