using System.Globalization;

namespace Pulp.Core.Serving;

/// <summary>
/// Sends files that are not here yet: what a download that everybody who asks shares has brought so far, and the rest as it comes.
/// </summary>
internal sealed class OnDemandResponse(OnDemandFiles onDemand, PullThrough upstreams, FileResponse files)
{
    /// <summary>
    /// A file that a sync left upstream. False when it was stored meanwhile, and is gone or damaged: then nothing was sent.
    /// </summary>
    /// <param name="context">The request.</param>
    /// <param name="file">The file.</param>
    /// <param name="isLost">What is stored of it here is gone or damaged.</param>
    /// <exception cref="NoSourceException">No source gave it.</exception>
    public Task<bool> SendAsync(HttpContext context, ServedAnswer.OnDemand file, bool isLost) =>
        SendAsync(context, onDemand.Join(file.ContentArtifact, isLost), file.MediaType, tag: null);

    /// <summary>A file that a plugin has found upstream; false as for others.</summary>
    /// <param name="context">The request.</param>
    /// <param name="file">The file.</param>
    /// <param name="tag">The entity tag, where it isn't the file's own.</param>
    /// <param name="isLost">What is stored of it here is gone or damaged.</param>
    /// <exception cref="NoSourceException">The remote didn't give it.</exception>
    public Task<bool> SendAsync(HttpContext context, ServedAnswer.PullThrough file, string? tag, bool isLost) =>
        SendAsync(context, upstreams.Join(file.Domain, file.Wanted, isLost), file.MediaType, tag);

    private async Task<bool> SendAsync(HttpContext context, SharedDownload download, string mediaType, string? tag)
    {
        try
        {
            await download.Begun.WaitAsync(context.RequestAborted);
            var isPart = context.Request.Headers.Range.Count > 0;
            if (isPart)
            {
                // A part is cut out of the whole, once that is there.
                await download.Run.WaitAsync(context.RequestAborted);
            }

            if ((isPart || download.WasStored) && download.StoredAs is { } stored)
            {
                return await files.SendAsync(context, PathLookup.Stored(stored, mediaType), hit: false, tag);
            }

            await CopyAsync(context, download, mediaType, tag);
            return true;
        }
        finally
        {
            download.Leave();
        }
    }

    private static async Task CopyAsync(HttpContext context, SharedDownload download, string mediaType, string? tag)
    {
        var response = context.Response;
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
