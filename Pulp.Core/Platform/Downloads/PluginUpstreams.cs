using Pulp.PluginSdk.Sync;
using Pulp.PluginSdk.Upstreams;

namespace Pulp.Core.Platform.Downloads;

/// <summary>Upstreams as plugins use them outside a sync.</summary>
internal sealed class PluginUpstreams(SharedDownloaders downloaders) : IUpstreams
{
    public IUpstream For(Remote remote) => new Upstream(downloaders, remote);

    private sealed class Upstream(SharedDownloaders downloaders, Remote remote) : IUpstream
    {
        public async Task<UpstreamAnswer> FetchAsync(UpstreamRequest request, CancellationToken cancellationToken)
        {
            using var loan = downloaders.Take(remote);
            var call = new UpstreamCall(request);
            var file = await loan.Downloader.FetchAsync(call, cancellationToken);
            file.ToDisk();
            return new UpstreamAnswer
            {
                Status = call.Status,
                Headers = call.Answered,
                Url = call.AnsweredUrl,
                Body = new FetchedFile
                {
                    Path = file.Path,
                    Sha256 = file.Digests.Sha256,
                    Size = file.Size,
                    Url = request.Url,
                },
                Kept = file,
            };
        }
    }
}
