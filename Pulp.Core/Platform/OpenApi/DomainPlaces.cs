using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Resources;

namespace Pulp.Core.Platform.OpenApi;

/// <summary>Where the domain stands in the document's paths, on a server whose addresses name domains.</summary>
internal static class DomainPlaces
{
    private const string Name = "pulp_domain";
    private static readonly string[] Outside = ["status/", "livez/", "docs/api.json", "docs/api.yaml"];

    /// <summary>The path with the domain in it.</summary>
    public static string PathOf(Operation operation, string path)
    {
        if (!path.StartsWith(ResourceKind.ApiRoot, StringComparison.Ordinal))
        {
            return operation.DomainAfter is { } mount && path.StartsWith(mount, StringComparison.Ordinal)
                ? $"{mount}{{{Name}}}/{path[mount.Length..]}"
                : path;
        }

        var below = path[ResourceKind.ApiRoot.Length..];
        return Outside.Contains(below) ? path : $"/pulp/{{{Name}}}/api/v3/{below}";
    }

    /// <summary>The parameter that such a path has.</summary>
    public static IEnumerable<OperationParameter> ParametersOf(string path) =>
        path.Contains($"{{{Name}}}", StringComparison.Ordinal)
            ?
            [
                new OperationParameter(Name, "path", Schemas.Text(), Required: true)
                {
                    Description = "The name of the domain.",
                    IsDomain = true,
                },
            ]
            : [];
}
