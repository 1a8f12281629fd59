using System.Globalization;
using Pulp.Core.Platform.Http;
using Pulp.PluginSdk.Serving;

namespace Pulp.Core.Serving;

/// <summary>Sends answers, each in its own way.</summary>
internal sealed class AnswerSender(FileResponse files, OnDemandResponse relay, PullThrough upstreams, LostFiles lost)
{
    /// <summary>False when the file was removed between finding and opening it, and nothing was sent.</summary>
    public async ValueTask<bool> SendAsync(HttpContext context, Found found)
    {
        var tag = found.Own is null ? null : AddHeaders(context.Response.Headers, found.Own);
        switch (found.Answer)
        {
            case ServedAnswer.File file:
                return await files.SendAsync(context, file, found.IsRemembered, tag)
                    || await SendLostAsync(context, file, found.Own);
            case ServedAnswer.OnDemand file:
                await SendOnDemandAsync(context, file, found.Own);
                break;
            case ServedAnswer.PullThrough file:
                await SendPulledAsync(context, file, tag);
                break;
            case ServedAnswer.AddSlash:
                await context.SlashAsync();
                break;
            case ServedAnswer.Listing listing:
                await context.Response.PageAsync(listing.Html);
                break;
            case ServedAnswer.Body body when tag is not null:
                await SendTaggedAsync(context, body, tag);
                break;
            case ServedAnswer.Body body:
                await context.BytesAsync(body.Bytes, body.MediaType);
                break;
            case ServedAnswer.Redirect redirect:
                context.Response.Redirect(redirect.Location);
                break;
            case ServedAnswer.Missing missing:
                await context.RefuseAsync(404, missing.Text);
                break;
            default:
                await context.NotFoundAsync();
                break;
        }

        return true;
    }

    private async ValueTask<bool> SendLostAsync(HttpContext context, ServedAnswer.File file, ContentAnswer? own)
    {
        if (own is not null)
        {
            // They went with what was prepared for the file.
            AddHeaders(context.Response.Headers, own);
        }

        return await lost.SendAsync(context, file);
    }

    private async ValueTask SendOnDemandAsync(HttpContext context, ServedAnswer.OnDemand file, ContentAnswer? own)
    {
        if (await relay.SendAsync(context, file, isLost: false))
        {
            return;
        }

        if (own is not null)
        {
            AddHeaders(context.Response.Headers, own);
        }

        RefuseUnsent(await relay.SendAsync(context, file, isLost: true));
    }

    /// <exception cref="LostFileException">It went again, at once.</exception>
    private static void RefuseUnsent(bool sent)
    {
        if (!sent)
        {
            throw new LostFileException("The stored file was removed while it was asked for.");
        }
    }

    private async ValueTask SendPulledAsync(HttpContext context, ServedAnswer.PullThrough file, string? tag)
    {
        var found = await upstreams.FindStoredAsync(file.Domain, file.Wanted, context.RequestAborted);
        if (found is not null)
        {
            if (await files.SendAsync(context, PathLookup.Stored(found, file.MediaType), hit: false, tag))
            {
                return;
            }

            AddHeaders(context.Response.Headers, file.Wanted);
        }

        if (!await relay.SendAsync(context, file, tag, isLost: found is not null))
        {
            AddHeaders(context.Response.Headers, file.Wanted);
            RefuseUnsent(await relay.SendAsync(context, file, tag, isLost: true));
        }
    }

    /// <summary>Adds what the plugin wants sent beside the answer itself; its entity tag, quoted.</summary>
    private static string? AddHeaders(IHeaderDictionary headers, ContentAnswer own)
    {
        foreach (var (name, value) in own.Headers ?? NoHeaders)
        {
            headers[name] = value;
        }

        if (own.VariesBy.Count > 0)
        {
            headers.Vary = string.Join(", ", own.VariesBy);
        }

        return own.ETag is not { } tag || tag.StartsWith('"') || tag.StartsWith("W/\"", StringComparison.Ordinal)
            ? own.ETag
            : $"\"{tag}\"";
    }

    private static readonly Dictionary<string, string> NoHeaders = [];

    private static Task SendTaggedAsync(HttpContext context, ServedAnswer.Body body, string tag)
    {
        var (response, size) = (context.Response, body.Bytes.Length);
        var conditions = Conditions.Evaluate(context.Request.Headers, tag, modified: null, size);
        response.StatusCode = conditions.Status;
        response.Headers.ETag = tag;
        if (conditions.Status is 304 or 412)
        {
            return Task.CompletedTask;
        }

        response.Headers.AcceptRanges = "bytes";
        if (conditions.Status is 206 or 416)
        {
            response.Headers.ContentRange = conditions.ContentRange(size.ToString(CultureInfo.InvariantCulture));
        }

        return context.BytesAsync(body.Bytes.Slice((int)conditions.From, (int)conditions.Length), body.MediaType);
    }
}
