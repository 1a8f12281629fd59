using Pulp.PluginSdk.Publishing;

namespace PulpPython.Repositories;

/// <summary>A publication holds its version's files; the pages of an index are made from the version when they are asked for.</summary>
internal sealed class PackagePublisher : Publisher<PythonPublication>
{
    public override Task WriteAsync(
        PythonPublication publication,
        IPublicationWriter writer,
        CancellationToken cancellationToken
    )
    {
        writer.PassThrough();
        return Task.CompletedTask;
    }
}
