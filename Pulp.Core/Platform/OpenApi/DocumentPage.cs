using System.Reflection;
using Pulp.Core.Platform.Http;

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
            await context.Response.DetailAsync(404, "Not found.");
            return;
        }

        await using var stream =
            Assembly.GetExecutingAssembly().GetManifestResourceStream("Pulp.Core.Pages." + file.Resource)
            ?? throw new InvalidOperationException($"{file.Resource} isn't embedded.");
        context.Response.ContentType = file.Type;
        context.Response.Headers.ContentSecurityPolicy = "default-src 'self'";
        if (name == "docs.css")
        {
            // The look of all pages, and what only this one has.
            await context.Response.WriteAsync(HtmlPage.Style, context.RequestAborted);
        }

        await stream.CopyToAsync(context.Response.Body, context.RequestAborted);
    }
}
