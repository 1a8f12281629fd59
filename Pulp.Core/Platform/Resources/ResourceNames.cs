using Pulp.PluginSdk.Tasks;

namespace Pulp.Core.Platform.Resources;

/// <summary>The names of resources as plugins ask for them: hrefs name the domain of the request or task.</summary>
internal sealed class ResourceNames(ResourceRegistry registry, RequestOrigin origin) : IResourceNames
{
    public string Prn(PulpResource resource) => registry.Prn(resource);

    public string Href(PulpResource resource) => registry.Href(origin.Value.Reach.Scope, resource);
}
