using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;
using Pulp.Core.Access;
using Pulp.Core.Platform.OpenApi;
using Pulp.Core.Platform.Resources;

namespace Pulp.Core.Platform.Http;

/// <summary>Puts the operations on the wire, each behind its access rule.</summary>
internal static class ApiMapping
{
    private static readonly MediaTypeHeaderValue[] Served = [new("application/json"), new("text/html")];

    public static void Map(IEndpointRouteBuilder routes, IServiceProvider services)
    {
        var gate = services.GetRequiredService<AccessGate>();
        var operations = services.GetRequiredService<ApiOperations>();
        foreach (var path in operations.All.GroupBy(o => o.Route, StringComparer.Ordinal))
        {
            var byMethod = path.ToDictionary(o => o.Method, StringComparer.Ordinal);
            var allow = string.Join(", ", byMethod.Keys.Order(StringComparer.Ordinal).Append("OPTIONS"));
            routes.Map(path.Key, context => InvokeAsync(context, byMethod, allow, gate));
        }

        MapDocument(routes, operations);
        routes.MapFallback(context => context.Response.DetailAsync(404, "Not found."));
    }

    private static async Task InvokeAsync(
        HttpContext context,
        Dictionary<string, Operation> byMethod,
        string allow,
        AccessGate gate
    )
    {
        var method = context.Request.Method;
        context.Response.Headers.Allow = allow;
        if (!byMethod.TryGetValue(HttpMethods.IsHead(method) ? "GET" : method, out var operation))
        {
            if (HttpMethods.IsOptions(method))
            {
                return;
            }

            // Only who may use the path is told what it can't do.
            if (await gate.AdmitAsync(context, byMethod.Values.First().Access) is not null)
            {
                await context.Response.DetailAsync(405, $"Method \"{method}\" not allowed.");
            }

            return;
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = operation.MaxRequestBytes;
        }

        if (await gate.AdmitAsync(context, operation.Access) is not { } request)
        {
            return;
        }

        if (operation.Body is null)
        {
            // Its handler reads none: a policy that asks what is sent is asked about nothing.
            await request.EnsureAllowedAsync(RequestBody.Empty);
        }

        if (operation.AcceptsAnything || Accepts(context))
        {
            await operation.Handler(request);
        }
        else
        {
            await context.Response.DetailAsync(406, "Could not satisfy the request Accept header.");
        }
    }

    /// <summary>
    /// Everything here is JSON, which browsers get too. Of the ranges that name it the nearest counts, and weight 0 refuses
    /// (RFC 9110, 12.5.1).
    /// </summary>
    private static bool Accepts(HttpContext context)
    {
        var given = context.Request.Headers.Accept;
        if (given is [] or ["*/*" or "application/json"])
        {
            return true;
        }

        // What can't be read asks for nothing that there is.
        return MediaTypeHeaderValue.TryParseList(given, out var ranges)
            && Served.Any(type =>
                ranges.Where(r => Names(r, type)).MaxBy(Nearness) is { } nearest && nearest.Quality != 0
            );
    }

    // Parameters don't matter: there is one form of each.
    private static bool Names(MediaTypeHeaderValue range, MediaTypeHeaderValue type) =>
        range.MatchesAllTypes
        || (
            range.Type.Equals(type.Type, StringComparison.OrdinalIgnoreCase)
            && (range.MatchesAllSubTypes || range.SubType.Equals(type.SubType, StringComparison.OrdinalIgnoreCase))
        );

    private static int Nearness(MediaTypeHeaderValue range) =>
        range.MatchesAllTypes ? 0
        : range.MatchesAllSubTypes ? 1
        : 2;

    private static void MapDocument(IEndpointRouteBuilder routes, ApiOperations operations)
    {
        routes.MapGet(ResourceKind.ApiRoot + "docs/{file?}", DocumentPage.AnswerAsync);
        routes.MapGet(ResourceKind.ApiRoot, context => context.Response.JsonAsync(200, Root(context, operations)));
    }

    /// <summary>The lists there are, by their paths; beside Pulp's own also where to read on.</summary>
    private static Dictionary<string, string> Root(HttpContext context, ApiOperations operations) =>
        operations
            .All.Where(o => o.Id.EndsWith("_list", StringComparison.Ordinal) && !o.Route.Contains('{'))
            .Select(o => o.Route)
            .Concat([ResourceKind.ApiRoot + "docs/", ResourceKind.ApiRoot + "status/"])
            .Order(StringComparer.Ordinal)
            .ToDictionary(
                route => route[ResourceKind.ApiRoot.Length..].TrimEnd('/'),
                route => $"{context.Request.Scheme}://{context.Request.Host}{context.Domain().Localize(route)}",
                StringComparer.Ordinal
            );
}
