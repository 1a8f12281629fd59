using System.Globalization;

namespace Pulp.Core.Serving;

/// <summary>
/// Sends files that are not here yet: what a download that everybody who asks shares has brought so far, and the rest as it comes.
/// </summary>
internal sealed class OnDemandResponse(OnDemandFiles onDemand, FileResponse files)
{
    /// <summary>False when no source has it, and nothing was sent but the reason.</summary>
    public async Task<bool> SendAsync(HttpContext context, ServedAnswer.OnDemand file)
    {
        var download = onDemand.Join(file.ContentArtifact);
        try
        {
            return await SendAsync(context, file, download);
        }
        finally
        {
            download.Leave();
        }
    }

    private async Task<bool> SendAsync(HttpContext context, ServedAnswer.OnDemand file, SharedDownload download)
    {
        try
        {
            await download.Begun.WaitAsync(context.RequestAborted);
        }
        catch (UpstreamException error)
        {
            context.Response.Headers["X-PULP-ERROR"] = new string([
                .. error.Message.Where(c => c is >= ' ' and <= '~'),
            ]);
            return false;
        }

        var response = context.Response;
        if (context.Request.Headers.Range.Count > 0)
        {
            // A part is cut out of the whole, once that is there.
            await download.Run.WaitAsync(context.RequestAborted);
            if (download.KeptAt is { } path)
            {
                var kept = new ServedAnswer.File(
                    path,
                    download.Received,
                    $"\"{download.File.Digests.Sha256}\"",
                    file.MediaType,
                    file.Modified
                );
                if (await files.SendAsync(context, kept, hit: false))
                {
                    return true;
                }
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

        return true;
    }
}
