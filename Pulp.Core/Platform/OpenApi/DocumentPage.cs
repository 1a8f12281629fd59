using System.Reflection;

namespace Pulp.Core.Platform.OpenApi;

/// <summary>The browsable API document; its files are embedded in this assembly.</summary>
internal static class DocumentPage
{
    private static readonly Dictionary<string, (string Resource, string Type)> Files = new(StringComparer.Ordinal)
    {
        [""] = ("docs.html", "text/html; charset=utf-8"),
        ["docs.js"] = ("docs.js", "text/javascript; charset=utf-8"),
        ["docs.css"] = ("docs.css", "text/css; charset=utf-8"),
    };

    public static async Task AnswerAsync(HttpContext context)
    {
        var name = context.Request.RouteValues["file"] as string ?? "";
        if (!Files.TryGetValue(name, out var file))
        {
            context.Response.StatusCode = 404;
            return;
        }

        await using var stream =
            Assembly.GetExecutingAssembly().GetManifestResourceStream("Pulp.Core.Pages." + file.Resource)
            ?? throw new InvalidOperationException($"{file.Resource} isn't embedded.");
        context.Response.ContentType = file.Type;
        context.Response.ContentLength = stream.Length;
        context.Response.Headers.ContentSecurityPolicy = "default-src 'self'";
        await stream.CopyToAsync(context.Response.Body, context.RequestAborted);
    }
}
