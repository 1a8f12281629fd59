using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Pulp.PluginSdk.Serving;

namespace Pulp.TestPlugins.Wheels;

/// <summary>The simple index at <c>/wheels/simple/&lt;base_path&gt;/</c>, where installers look for it.</summary>
internal sealed class SimpleRoutes(IServed served, IAnswers answers)
{
    public const string Mount = "/wheels/simple/";

    public static MountOptions Options { get; } =
        new()
        {
            Roles = RouteRoles.Api | RouteRoles.Content,
            Callers = RouteCallers.Anybody,
            Errors = RouteErrors.Text,
        };

    public static void Map(IEndpointRouteBuilder routes)
    {
        var simple = routes.ServiceProvider.GetRequiredService<SimpleRoutes>();
        routes.MapMethods("{**path}", [HttpMethods.Get, HttpMethods.Head], simple.AnswerAsync);
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var (path, aborted) = ((context.Request.Path.Value ?? "")[Mount.Length..], context.RequestAborted);
        if (await served.FindAsync<WheelDistribution>(path, aborted) is not { } found)
        {
            throw new PluginSdk.Errors.NotFoundException("There is no such index.");
        }

        var answer = await SimplePages.AnswerAsync(found.Served, found.Rest, context.Request.Headers, aborted);
        await answers.SendAsync(context, found.Served, answer, aborted);
    }
}

/// <summary>The same index below the content application.</summary>
internal sealed class SimpleHandler : ContentHandler
{
    private const string Directory = "simple/";

    public override async ValueTask<ContentAnswer?> AnswerAsync(
        ContentRequest request,
        CancellationToken cancellationToken
    ) =>
        request.Path.StartsWith(Directory, StringComparison.Ordinal)
            ? await SimplePages.AnswerAsync(
                request.Served,
                request.Path[Directory.Length..],
                request.Headers,
                cancellationToken
            )
            : null;
}
