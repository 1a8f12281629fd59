using System.Globalization;

namespace Pulp.Core.Serving;

/// <summary>
/// Sends files that are not here yet: what a download that everybody who asks shares has brought so far, and the rest as it comes.
/// </summary>
internal sealed class OnDemandResponse(OnDemandFiles onDemand, PullThrough upstreams, FileResponse files)
{
    /// <summary>A file that a sync left upstream.</summary>
    /// <param name="context">The request.</param>
    /// <param name="file">The file.</param>
    /// <param name="isLost">What is stored of it here is gone or damaged.</param>
    /// <exception cref="NoSourceException">No source gave it.</exception>
    public Task SendAsync(HttpContext context, ServedAnswer.OnDemand file, bool isLost = false) =>
        SendAsync(context, lost => onDemand.Join(file.ContentArtifact, lost), isLost, file.MediaType);

    /// <summary>A file that a plugin has found upstream.</summary>
    /// <param name="context">The request.</param>
    /// <param name="file">The file.</param>
    /// <param name="tag">The entity tag, where it isn't the file's own.</param>
    /// <param name="isLost">What is stored of it here is gone or damaged.</param>
    /// <exception cref="NoSourceException">The remote didn't give it.</exception>
    public Task SendAsync(HttpContext context, ServedAnswer.PullThrough file, string? tag, bool isLost) =>
        SendAsync(context, lost => upstreams.Join(file.Domain, file.Wanted, lost), isLost, file.MediaType, tag);

    private async Task SendAsync(
        HttpContext context,
        Func<bool, SharedDownload> join,
        bool isLost,
        string mediaType,
        string? tag = null
    )
    {
        var download = join(isLost);
        try
        {
            await download.Begun.WaitAsync(context.RequestAborted);
            if (!download.WasStored)
            {
                await CopyAsync(context, download, mediaType, tag);
                return;
            }

            if (await SendStoredAsync(context, download, mediaType, tag))
            {
                return;
            }
        }
        finally
        {
            download.Leave();
        }

        await SendAsync(context, join, isLost: true, mediaType, tag);
    }

    private async ValueTask<bool> SendStoredAsync(
        HttpContext context,
        SharedDownload download,
        string mediaType,
        string? tag
    ) =>
        download.StoredAs is { } stored
        && await files.SendAsync(context, PathLookup.Stored(stored, mediaType), hit: false, tag);

    private async Task CopyAsync(HttpContext context, SharedDownload download, string mediaType, string? tag)
    {
        var response = context.Response;
        if (context.Request.Headers.Range.Count > 0)
        {
            // A part is cut out of the whole, once that is there.
            await download.Run.WaitAsync(context.RequestAborted);
            if (await SendStoredAsync(context, download, mediaType, tag))
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
