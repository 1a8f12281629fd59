using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Features;
using Pulp.Core.Access;
using Pulp.Core.Platform.Modules;
using Pulp.Core.Platform.Settings;
using Pulp.Core.Serving;
using Pulp.PluginSdk.Serving;

namespace Pulp.Core.Routes;

/// <summary>What a request below one mount goes through: limits, routing, who calls, the route, and the shape of failures.</summary>
internal sealed class MountPipeline(
    string mount,
    MountOptions options,
    DomainDirectory domains,
    AccessGate gate,
    ContentFailures failures,
    IServiceScopeFactory scopes
)
{
    private readonly ErrorShape _shape = new(options.Errors);

    public static RequestDelegate Build(MountedRoute route, PulpSettings settings, IServiceProvider services)
    {
        var pipeline = new MountPipeline(
            route.Mount,
            route.Options,
            services.GetRequiredService<DomainDirectory>(),
            services.GetRequiredService<AccessGate>(),
            services.GetRequiredService<ContentFailures>(),
            services.GetRequiredService<IServiceScopeFactory>()
        );
        var app = new ApplicationBuilder(services);
        if (settings.RequestLog == "api" && !route.Options.Roles.HasFlag(RouteRoles.Content))
        {
            app.UseMiddleware<RequestLog>();
        }

        app.Use(pipeline.ShapeAsync);
        app.UseRouting();
        app.Use(pipeline.AdmitAsync);
        app.UseEndpoints(routes =>
        {
            var group = routes.MapGroup(route.Mount);
            // Sessions have a token against forged forms already.
            group.DisableAntiforgery();
            group.WithMetadata(Mapped.Instance);
            route.Map(group);
        });
        return app.Build();
    }

    /// <summary>Sets the limits and gives whatever goes wrong its shape.</summary>
    private async Task ShapeAsync(HttpContext context, RequestDelegate next)
    {
        context.Features.Set(_shape);
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = options.MaxRequestBytes;
        }

        if (context.Request.ContentType is not null)
        {
            context.Features.Set<IFormFeature>(new LimitedForm(context.Request, options.MaxRequestBytes));
        }

        try
        {
            if (!domains.Default.IsAlone || !domains.IsCurrent)
            {
                context.Features.Set(await DomainAsync(context));
            }

            await next(context);
        }
        catch (Exception error)
        {
            await failures.AnswerAsync(context, context.Request.Path.Value ?? "", error);
        }
    }

    /// <summary>The domain that the path begins with below the mount; without one it is the default domain's.</summary>
    private async ValueTask<DomainScope> DomainAsync(HttpContext context)
    {
        var known = await domains.CurrentAsync(context.RequestAborted);
        var path = context.Request.Path.Value.AsSpan();
        return known.InPath(path.Length > mount.Length ? path[(mount.Length + 1)..] : []) ?? domains.Default;
    }

    /// <summary>Stands between routing and the routes, however they were mapped: endpoint filters would miss plain delegates.</summary>
    private async Task AdmitAsync(HttpContext context, RequestDelegate next)
    {
        var endpoint = context.GetEndpoint();
        var anybody =
            options.Callers == RouteCallers.Anybody || endpoint?.Metadata.GetMetadata<IAllowAnonymous>() is not null;
        var (request, refusal) = await gate.AdmitToRouteAsync(context, anybody);
        if (request is null)
        {
            if (options.Challenge is { } challenge)
            {
                context.Response.Headers.WWWAuthenticate = challenge(context.Request);
            }

            await context.RefuseAsync(context.Response.StatusCode, refusal);
            return;
        }

        if (endpoint?.Metadata.GetMetadata<Mapped>() is null)
        {
            await RefuseUnmappedAsync(context, endpoint);
            return;
        }

        context.Features.Set<IServiceProvidersFeature>(new IntroducedServices(request, scopes));
        await next(context);
    }

    /// <summary>No route has the path, or none has it for this method: the framework's own endpoint says which.</summary>
    private static async Task RefuseUnmappedAsync(HttpContext context, Endpoint? endpoint)
    {
        if (endpoint?.RequestDelegate is not { } reject)
        {
            await context.NotFoundAsync();
            return;
        }

        await reject(context);
        await context.RefuseAsync(
            context.Response.StatusCode,
            context.Response.StatusCode == 405
                ? $"Method \"{context.Request.Method}\" not allowed."
                : "The request's media type isn't supported."
        );
    }

    /// <summary>Marks the routes that were mapped, among the endpoints that routing makes by itself.</summary>
    private sealed class Mapped
    {
        public static Mapped Instance { get; } = new();
    }
}
