using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Serving;
using PulpPython.Distributions;
using PulpPython.Uploads;

namespace PulpPython.Index;

/// <summary>Indexes at <c>/pypi/&lt;base_path&gt;/</c>, where installers and uploaders look for them.</summary>
internal sealed class IndexRoutes(IServed served, IAnswers answers, IndexRequests requests, PypiSettings settings)
{
    private readonly string _mount = settings.Mount();

    public static MountOptions Options { get; } =
        new()
        {
            Roles = RouteRoles.Api | RouteRoles.Content,
            Callers = RouteCallers.Anybody,
            Errors = IndexErrors.Body,
            // The file of an upload is received as any other file: the server's limit holds.
            MaxRequestBytes = null,
            Document = IndexDocument.Routes,
        };

    public static void Map(IEndpointRouteBuilder routes)
    {
        var index = routes.ServiceProvider.GetRequiredService<IndexRoutes>();
        routes.MapMethods("{**path}", [HttpMethods.Get, HttpMethods.Head], index.AnswerAsync);
        routes.MapPost("{**path}", index.TakeAsync);
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var aborted = context.RequestAborted;
        var path = PathOf(context);
        if (await served.FindAsync<PythonDistribution>(path, aborted) is not { } found)
        {
            throw new NotFoundException("There is no such index.");
        }

        if (found.Rest.Length == 0 && !path.EndsWith('/'))
        {
            Redirect(context, context.Request.Path.ToUriComponent() + "/");
            return;
        }

        if (!await IndexRights.MayReadAsync(context, found.Distribution, found.Rest))
        {
            return;
        }

        var request = new IndexRequest
        {
            Served = found.Served,
            Path = found.Rest,
            Form = FormOf(context.Request),
            IsCompressed = TakesGzip(context.Request.Headers.AcceptEncoding),
        };
        switch (await requests.AnswerAsync(request, aborted))
        {
            case ContentAnswer.Redirect { Location: var location }:
                Redirect(context, location);
                break;
            case { } answer:
                await answers.SendAsync(context, found.Served, answer, aborted);
                break;
            default:
                throw new NotFoundException("There is no such page.");
        }
    }

    /// <summary>Uploads, to the address that was made for them or to that of the index.</summary>
    private async Task TakeAsync(HttpContext context)
    {
        var found =
            await served.FindAsync<PythonDistribution>(PathOf(context), context.RequestAborted)
            ?? throw new NotFoundException("There is no such index.");
        switch (found.Rest)
        {
            case "legacy/" or "simple/":
                await context.RequestServices.GetRequiredService<UploadRoute>().TakeAsync(context, found);
                break;
            case "legacy" or "simple":
                Redirect(context, context.Request.Path.ToUriComponent() + "/");
                break;
            default:
                throw new NotFoundException("Packages are uploaded to legacy/ or simple/.");
        }
    }

    private string PathOf(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "";
        return path.Length > _mount.Length ? path[_mount.Length..] : "";
    }

    /// <summary>For good: the address of a project has one spelling.</summary>
    private static void Redirect(HttpContext context, string location)
    {
        context.Response.StatusCode = StatusCodes.Status301MovedPermanently;
        context.Response.Headers.Location = location + context.Request.QueryString.ToUriComponent();
    }

    private static PageForm FormOf(HttpRequest request)
    {
        if (!request.QueryString.HasValue || request.Query["format"] is not [{ Length: > 0 } format, ..])
        {
            return PageForm.OfAccept(request.Headers.Accept);
        }

        return PageForm.OfFormat(format) ?? throw new BadRequestException("The format is either html or json.");
    }

    private static bool TakesGzip(StringValues accepted)
    {
        foreach (var header in accepted)
        {
            if (header is null || !header.Contains("gzip", StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            // Most clients give no weights.
            return !header.Contains("q=0", StringComparison.OrdinalIgnoreCase)
                || (
                    StringWithQualityHeaderValue.TryParseList(accepted, out var wanted)
                    && wanted.Any(w =>
                        w.Value.Equals("gzip", StringComparison.OrdinalIgnoreCase) && w.Quality is not (<= 0)
                    )
                );
        }

        return false;
    }
}
