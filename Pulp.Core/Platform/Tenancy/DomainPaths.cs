using Pulp.Core.Platform.Http;

namespace Pulp.Core.Platform.Tenancy;

/// <summary>
/// Takes the domain out of the API's paths: <c>/pulp/team/api/v3/tasks/</c> goes on as <c>/pulp/api/v3/tasks/</c> in the domain
/// <c>team</c>. A path that names none means the default domain, as before domains were separated.
/// </summary>
internal sealed class DomainPaths(RequestDelegate next, DomainDirectory domains)
{
    private const string Before = "/pulp/";
    private const string Behind = "/api/v3/";

    public Task InvokeAsync(HttpContext context) =>
        domains.Default.IsAlone && domains.IsCurrent ? next(context) : EnterAsync(context);

    /// <summary>The name that a path of the API holds; empty where it holds none.</summary>
    public static ReadOnlySpan<char> NameIn(ReadOnlySpan<char> path)
    {
        if (!path.StartsWith(Before))
        {
            return [];
        }

        var rest = path[Before.Length..];
        var slash = rest.IndexOf('/');
        return slash > 0 && rest[slash..].StartsWith(Behind) ? rest[..slash] : [];
    }

    /// <summary>The path without the name that it holds.</summary>
    public static string Without(string name, string path) =>
        DomainScope.PlainRoot + path[(Before.Length + name.Length + Behind.Length)..];

    private async Task EnterAsync(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "";
        var name = domains.IsNamed ? NameIn(path).ToString() : "";
        if (name.Length == 0)
        {
            context.Features.Set(await DefaultAsync(context));
        }
        else if (await domains.FindAsync(name, context.RequestAborted) is { } domain)
        {
            context.Enter(domain, Without(name, path));
        }
        else
        {
            await context.Response.DetailAsync(404, "Not found.");
            return;
        }

        await next(context);
    }

    /// <summary>It is always there: health checks that ask while the database is away aren't kept waiting for it.</summary>
    private async ValueTask<DomainScope> DefaultAsync(HttpContext context)
    {
        if (!domains.IsCurrent && !context.Request.Path.Value!.EndsWith("/livez/", StringComparison.Ordinal))
        {
            await domains.CurrentAsync(context.RequestAborted);
        }

        return domains.Default;
    }
}
