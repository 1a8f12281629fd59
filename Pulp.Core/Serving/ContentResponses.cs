using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Pulp.Core.Platform.Sockets;
using Pulp.PluginSdk.Serving;

namespace Pulp.Core.Serving;

/// <summary>The content application's short answers: plain text, as the original's.</summary>
internal static class ContentResponses
{
    private const int LongestReason = 4_000;
    private static readonly byte[] NotFoundText = "404: Not Found"u8.ToArray();

    public static Task NotFoundAsync(this HttpContext context) =>
        context.Features.Get<ErrorShape>() is { } shape
            ? context.RefuseAsync(shape, new RouteFailure { Status = 404, Message = "Not found." })
            : context.TextAsync(404, NotFoundText);

    /// <summary>Refuses in the words of a plugin or of an exception that is meant for clients.</summary>
    public static Task RefuseAsync(
        this HttpContext context,
        int status,
        string message,
        PulpException? error = null,
        string? text = null
    ) =>
        context.Features.Get<ErrorShape>() is { } shape
            ? context.RefuseAsync(
                shape,
                new RouteFailure
                {
                    Status = status,
                    Message = message,
                    Error = error,
                }
            )
            : context.TextAsync(status, text ?? message);

    /// <summary>Tells why a request isn't let in: in the body and, as the original does, in the status line.</summary>
    public static Task RefuseAsync(this HttpContext context, ForbiddenException error)
    {
        if (context.Features.Get<IHttpResponseFeature>() is { } response)
        {
            // What stands there may hold names that users gave.
            var line = new string([.. error.Message.Where(c => c is >= ' ' and <= '~').Take(LongestReason)]);
            response.ReasonPhrase = line;
        }

        return context.RefuseAsync(error.Status, error.Message, error, $"{error.Status}: {error.Message}");
    }

    private static Task RefuseAsync(this HttpContext context, ErrorShape shape, RouteFailure failure)
    {
        var body = shape.Body(failure);
        context.Response.StatusCode = failure.Status;
        return context.BytesAsync(body.Body, body.MediaType);
    }

    public static Task TextAsync(this HttpContext context, int status, string text) =>
        context.TextAsync(status, Encoding.UTF8.GetBytes(text));

    private static Task TextAsync(this HttpContext context, int status, byte[] text)
    {
        context.Response.StatusCode = status;
        return context.BytesAsync(text, "text/plain; charset=utf-8");
    }

    public static Task BytesAsync(this HttpContext context, ReadOnlyMemory<byte> bytes, string type)
    {
        context.Response.ContentType = type;
        context.Response.ContentLength = bytes.Length;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.SendBodyAsync(bytes);
    }

    /// <summary>To the directory of this name.</summary>
    public static Task SlashAsync(this HttpContext context)
    {
        context.Response.StatusCode = 301;
        context.Response.Headers.Location =
            context.Request.Path.ToUriComponent() + "/" + context.Request.QueryString.ToUriComponent();
        return Task.CompletedTask;
    }
}

/// <summary>How refusals and failures look where a plugin's route says it; a feature of the request.</summary>
internal sealed record ErrorShape(Func<RouteFailure, ContentAnswer.Bytes> Body);
