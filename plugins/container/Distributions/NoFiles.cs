using Pulp.PluginSdk.Serving;

namespace PulpContainer.Distributions;

/// <summary>
/// Keeps images out of the content application: who may pull one is decided by the registry alone, which knows whether it is private.
/// </summary>
internal sealed class NoFiles : ContentHandler
{
    public override ValueTask<ContentAnswer?> AnswerAsync(
        ContentRequest request,
        CancellationToken cancellationToken
    ) => ValueTask.FromResult<ContentAnswer?>(new ContentAnswer.Missing("Images are pulled from the registry."));
}
