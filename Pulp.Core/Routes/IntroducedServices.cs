using Microsoft.AspNetCore.Http.Features;
using Pulp.Core.Access;

namespace Pulp.Core.Routes;

/// <summary>
/// The services of a request to a route. They are made, and told who asks, when a route wants one of them: many want none.
/// </summary>
internal sealed class IntroducedServices(AdmittedRequest request, IServiceScopeFactory scopes)
    : IServiceProvidersFeature
{
    // Who signs in has used them already.
    private readonly IServiceProvidersFeature _services =
        request.Http.Features.Get<IServiceProvidersFeature>() ?? new RequestServicesFeature(request.Http, scopes);
    private bool _told;

    public IServiceProvider RequestServices
    {
        get
        {
            var services = _services.RequestServices;
            if (!_told)
            {
                _told = true;
                request.Introduce();
            }

            return services;
        }
        set => _services.RequestServices = value;
    }
}
