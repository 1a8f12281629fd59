using System.Net;
using System.Text;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Platform.Settings;
using Pulp.Core.Tasks;

namespace Pulp.Core.Status;

/// <summary>What a person with a browser finds at the server's root: what runs here, and where to go.</summary>
internal sealed class StartPage(PulpSettings settings, ComponentVersions versions)
{
    public void Map(IEndpointRouteBuilder routes) => routes.Map("/", AnswerAsync);

    private Task AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        context.Response.Headers.Vary = "Accept";
        return (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)) && HtmlPage.IsWanted(request)
            ? context.Response.PageAsync(Make(request))
            : context.Response.DetailAsync(404, "Not found.");
    }

    private byte[] Make(HttpRequest request)
    {
        var body = new StringBuilder();
        body.Append("<p>This server fetches, uploads, organizes and distributes software packages.</p>\n<table>\n");
        if (settings.Roles.Contains("content") || settings.ContentOrigin.Length > 0)
        {
            AddRow(body, settings.ContentOrigin + settings.ContentPathPrefix, "Content", "what is distributed here");
        }

        if (settings.Roles.Contains("api"))
        {
            AddRow(body, ResourceKind.ApiRoot + "docs/", "API", "every operation, to read and to search");
            AddRow(body, ResourceKind.ApiRoot, "API root", "where clients begin");
            AddRow(body, ResourceKind.ApiRoot + "status/", "Status", "versions, processes, database, storage");
        }

        body.Append("</table>\n");
        if (settings.Roles.Contains("api"))
        {
            var address = WebUtility.HtmlEncode($"{request.Scheme}://{request.Host}");
            body.Append("<h2>From the command line</h2>\n<pre>pulp config create --base-url ")
                .Append(address)
                .Append(" --username admin --password …\npulp status</pre>\n");
        }

        var components = versions.All.Select(v => $"{v.Key} {v.Value}");
        body.Append("<p>").Append(WebUtility.HtmlEncode(string.Join(", ", components))).Append("</p>");
        return HtmlPage.Make("Pulp", body.ToString());
    }

    private static void AddRow(StringBuilder body, string link, string name, string about) =>
        body.Append("<tr><th><a href=\"")
            .Append(WebUtility.HtmlEncode(link))
            .Append("\">")
            .Append(name)
            .Append("</a></th><td>")
            .Append(about)
            .Append("</td></tr>\n");
}
