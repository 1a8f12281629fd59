using Pulp.Core.Platform.Modules;
using Pulp.Core.Platform.Settings;
using Pulp.PluginSdk.Serving;

namespace Pulp.Core.Routes;

/// <summary>
/// Routes outside the REST API, each mount with a pipeline of its own: it is found before the rest of the server's, whose
/// hundreds of routes have no part in it.
/// </summary>
internal sealed class MountedRoutes(
    RequestDelegate next,
    ModuleCatalog catalog,
    PulpSettings settings,
    DomainDirectory domains,
    IServiceProvider services
)
{
    private readonly (string Mount, RequestDelegate Answer)[] _mounts =
    [
        .. catalog
            .Routes.Where(r => IsCarried(r.Options.Roles, settings.Roles))
            // The longer one first: it may lie below the other.
            .OrderByDescending(r => r.Mount.Length)
            .Select(r => (r.Mount, MountPipeline.Build(r, settings, services))),
    ];

    public Task InvokeAsync(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "";
        if (domains.IsNamed && !DomainPaths.NameIn(path).IsEmpty)
        {
            // The API of a domain that is called as a mount is.
            return next(context);
        }

        foreach (var (mount, answer) in _mounts)
        {
            if (
                path.StartsWith(mount, StringComparison.Ordinal)
                && (path.Length == mount.Length || path[mount.Length] == '/')
            )
            {
                return answer(context);
            }
        }

        return next(context);
    }

    private static bool IsCarried(RouteRoles wanted, IReadOnlyList<string> roles) =>
        (wanted.HasFlag(RouteRoles.Api) && roles.Contains(ProcessRoles.Api))
        || (wanted.HasFlag(RouteRoles.Content) && roles.Contains(ProcessRoles.Content));
}
