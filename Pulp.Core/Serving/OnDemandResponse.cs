using System.Globalization;

namespace Pulp.Core.Serving;

/// <summary>
/// Sends files that are not here yet: what a download that everybody who asks shares has brought so far, and the rest as it comes.
/// </summary>
internal sealed class OnDemandResponse(OnDemandFiles onDemand, PullThrough upstreams, FileResponse files)
{
    /// <summary>A file that a sync left upstream.</summary>
    /// <exception cref="NoSourceException">No source gave it.</exception>
    public Task SendAsync(HttpContext context, ServedAnswer.OnDemand file) =>
        SendAsync(context, onDemand.Join(file.ContentArtifact), file.MediaType);

    /// <summary>A file that a plugin has found upstream.</summary>
    /// <exception cref="NoSourceException">The remote didn't give it.</exception>
    public Task SendAsync(HttpContext context, ServedAnswer.PullThrough file, string? tag) =>
        SendAsync(context, upstreams.Join(file.Domain, file.Wanted), file.MediaType, tag);

    private async Task SendAsync(HttpContext context, SharedDownload download, string mediaType, string? tag = null)
    {
        try
        {
            await CopyAsync(context, download, mediaType, tag);
        }
        finally
        {
            download.Leave();
        }
    }

    private async Task CopyAsync(HttpContext context, SharedDownload download, string mediaType, string? tag)
    {
        await download.Begun.WaitAsync(context.RequestAborted);
        var response = context.Response;
        if (context.Request.Headers.Range.Count > 0)
        {
            // A part is cut out of the whole, once that is there.
            await download.Run.WaitAsync(context.RequestAborted);
            if (
                download.StoredAs is { } kept
                && await files.SendAsync(context, PathLookup.Stored(kept, mediaType), hit: false, tag)
            )
            {
                return;
            }
        }

        response.ContentType = mediaType;
        response.Headers["X-PULP-CACHE"] = "MISS";
        if (tag is not null)
        {
            response.Headers.ETag = tag;
        }

        if (download.Length is { } length)
        {
            response.ContentLength = length;
            response.Headers["X-PULP-ARTIFACT-SIZE"] = length.ToString(CultureInfo.InvariantCulture);
        }

        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await download.CopyToAsync(response, context.RequestAborted);
        }
    }
}
