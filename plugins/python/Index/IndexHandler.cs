using Pulp.PluginSdk.Serving;
using PulpPython.PullThrough;

namespace PulpPython.Index;

/// <summary>
/// The same pages below the content application, where older clients were pointed to, and the files that an index's remote has.
/// </summary>
internal sealed class IndexHandler(IndexRequests requests, UpstreamFiles files) : ContentHandler
{
    public override async ValueTask<ContentAnswer?> AnswerAsync(
        ContentRequest request,
        CancellationToken cancellationToken
    ) =>
        request.Path.StartsWith("simple", StringComparison.Ordinal)
        || request.Path.StartsWith("pypi/", StringComparison.Ordinal)
            ? await requests.AnswerAsync(
                new IndexRequest
                {
                    Served = request.Served,
                    Path = request.Path,
                    Form = PageForm.OfAccept(request.Headers.Accept),
                    // Whoever asks for pages here is seldom in a hurry.
                    IsCompressed = false,
                },
                cancellationToken
            )
        : MergedIndex.IsOf(request.Served) ? await files.FindAsync(request.Served, request.Path, cancellationToken)
        : null;
}
