using System.Globalization;
using Pulp.Core.Platform.Storage;

namespace Pulp.Core.Serving;

/// <summary>
/// Sends files that are not here yet: what a download that everybody who asks shares has brought so far, and the rest as it comes.
/// </summary>
internal sealed class OnDemandResponse(OnDemandFiles onDemand, FileResponse files, FileStorage storage)
{
    /// <exception cref="NoSourceException">No source gave it.</exception>
    public async Task SendAsync(HttpContext context, ServedAnswer.OnDemand file)
    {
        var download = onDemand.Join(file.ContentArtifact);
        try
        {
            await SendAsync(context, file, download);
        }
        finally
        {
            download.Leave();
        }
    }

    private async Task SendAsync(HttpContext context, ServedAnswer.OnDemand file, SharedDownload download)
    {
        await download.Begun.WaitAsync(context.RequestAborted);
        var response = context.Response;
        if (context.Request.Headers.Range.Count > 0)
        {
            // A part is cut out of the whole, once that is there.
            await download.Run.WaitAsync(context.RequestAborted);
            if (
                download.Kept is { } kept
                && await files.SendAsync(context, PathLookup.Stored(storage, kept, file.MediaType), hit: false)
            )
            {
                return;
            }
        }

        response.ContentType = file.MediaType;
        response.Headers["X-PULP-CACHE"] = "MISS";
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
