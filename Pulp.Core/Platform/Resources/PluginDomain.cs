using Pulp.PluginSdk.Serving;

namespace Pulp.Core.Platform.Resources;

/// <summary>The domain of a request or task as plugins see it.</summary>
internal sealed class PluginDomain(DomainDirectory domains, RequestOrigin origin) : IRequestDomain
{
    private DomainScope Scope => origin.Value.Reach.Scope;

    public string Name => Scope.Name;

    public string PathOf(string basePath) => Scope.Segment + basePath;

    public string BasePathOf(string path) =>
        Scope.Segment.Length > 0 && path.StartsWith(Scope.Segment, StringComparison.Ordinal)
            ? path[Scope.Segment.Length..]
            : path;

    public async ValueTask EnterAsync(string path, CancellationToken cancellationToken)
    {
        var known = await domains.CurrentAsync(cancellationToken);
        origin.Value = origin.Value.In(known.InPath(path) ?? domains.Default);
    }
}
