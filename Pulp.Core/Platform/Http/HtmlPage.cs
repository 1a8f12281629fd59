using System.Net;
using System.Security.Cryptography;
using System.Text;
using Pulp.Core.Platform.Sockets;

namespace Pulp.Core.Platform.Http;

/// <summary>The one look of all pages for people: start page, directory listings, API document. A page loads nothing else.</summary>
internal static class HtmlPage
{
    /// <summary>
    /// The stylesheet. Long words break instead of widening a column; <c>table.files</c> is for listings, with the cells
    /// <c>size</c> and <c>time</c> behind the name.
    /// </summary>
    public const string Style = """
        :root { color-scheme: light dark; --accent: #b5451b; --line: #8884; --soft: #8881; }
        @media (prefers-color-scheme: dark) { :root { --accent: #ff9d6e; } }
        body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 0 auto; padding: 1rem; }
        a { color: var(--accent); }
        h1 { margin: 0 0 .5rem; font-size: 1.6rem; overflow-wrap: anywhere; }
        h2 { margin: 2rem 0 .5rem; font-size: 1.2rem; }
        h1, h2 { line-height: 1.25; }
        code, pre { font-family: ui-monospace, monospace; font-size: .95em; overflow-wrap: anywhere; }
        pre { background: var(--soft); border-radius: .4rem; padding: .6rem; white-space: pre-wrap; }
        table { border-collapse: collapse; width: 100%; }
        td, th { text-align: left; border-top: 1px solid var(--line); padding: .25rem .5rem; vertical-align: top; }
        td { overflow-wrap: anywhere; }
        table.files .size, table.files .time { white-space: nowrap; font-variant-numeric: tabular-nums; width: 1%; }
        table.files .size { text-align: right; }
        @media (max-width: 40rem) { table.files .time { display: none; } }

        """;

    /// <summary>For <c>Content-Security-Policy</c>: this stylesheet and nothing else, whatever a name in the page may hold.</summary>
    public static string SecurityPolicy { get; } =
        $"default-src 'none'; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)))}'; "
        + "base-uri 'none'; form-action 'none'";

    /// <summary>A whole page.</summary>
    /// <param name="title">Plain text, also the page's heading.</param>
    /// <param name="body">HTML: what comes from outside is encoded already.</param>
    public static byte[] Make(string title, string body)
    {
        var shown = WebUtility.HtmlEncode(title);
        return Encoding.UTF8.GetBytes(
            $"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{shown}</title>
            <style>{Style}</style>
            </head>
            <body>
            <h1>{shown}</h1>
            {body}
            </body>
            </html>

            """
        );
    }

    /// <summary>Whether the request comes from a browser, and not from an API client that takes anything.</summary>
    public static bool IsWanted(HttpRequest request) =>
        request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);

    /// <summary>Sends a page that was made by <see cref="Make"/>.</summary>
    public static Task PageAsync(this HttpResponse response, byte[] page)
    {
        response.ContentType = "text/html; charset=utf-8";
        response.ContentLength = page.Length;
        response.Headers.ContentSecurityPolicy = SecurityPolicy;
        return HttpMethods.IsHead(response.HttpContext.Request.Method)
            ? Task.CompletedTask
            : response.HttpContext.SendBodyAsync(page);
    }
}
