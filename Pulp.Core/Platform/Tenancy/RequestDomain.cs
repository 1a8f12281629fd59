namespace Pulp.Core.Platform.Tenancy;

/// <summary>The domain that a request's address names.</summary>
internal static class RequestDomain
{
    /// <summary>The domain of the address; the default one where it names none.</summary>
    public static DomainScope Domain(this HttpContext context) =>
        context.Features.Get<DomainScope>() ?? DomainScope.Only;

    /// <summary>The path as the client wrote it; routing sees it without the domain.</summary>
    public static string RequestedPath(this HttpContext context) =>
        context.Features.Get<Requested>()?.Path ?? (context.Request.PathBase + context.Request.Path).ToUriComponent();

    /// <summary>Lets the request go on in a domain, as if the address didn't name it.</summary>
    public static void Enter(this HttpContext context, DomainScope domain, string path)
    {
        context.Features.Set(new Requested(context.RequestedPath()));
        context.Features.Set(domain);
        context.Request.Path = path;
    }

    private sealed record Requested(string Path);
}
