using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Resources;

namespace Pulp.Core.Platform.OpenApi;

/// <summary>Paths with keys in them, such as generated clients that know no hrefs want them.</summary>
internal static partial class KeyPaths
{
    /// <summary>The path as it is routed; below a repository its key has a name of its own.</summary>
    public static string PathOf(Operation operation) =>
        operation.Route.Replace("{pulp_id}/versions/", "{repository_pk}/versions/", StringComparison.Ordinal);

    public static IEnumerable<OperationParameter> ParametersOf(Operation operation) =>
        Key()
            .Matches(PathOf(operation))
            .Select(match => match.Groups["name"].Value)
            .Select(name => new OperationParameter(name, "path", SchemaOf(operation, name), Required: true)
            {
                Description = $"The key in the path: {name.Replace('_', ' ')}.",
            });

    /// <summary>What the path's own words make of an operation's id.</summary>
    public static string StemOf(Operation operation) => string.Join('_', Words(operation));

    public static string LastWordOf(Operation operation) => Words(operation)[^1];

    private static List<string> Words(Operation operation) =>
        [
            .. operation
                .Route[(IsOfApi(operation) ? ResourceKind.ApiRoot.Length : 0)..]
                .Split('/', StringSplitOptions.RemoveEmptyEntries)
                .Where(segment => segment[0] != '{')
                .Select(segment => segment.Replace('-', '_').ToLowerInvariant()),
        ];

    private static JsonObject SchemaOf(Operation operation, string name) =>
        !IsOfApi(operation) ? Schemas.Text()
        : name == "number" || operation.Route.StartsWith(ResourceKind.ApiRoot + "users/", StringComparison.Ordinal)
            ? new JsonObject { ["type"] = "integer" }
        : new JsonObject { ["type"] = "string", ["format"] = "uuid" };

    private static bool IsOfApi(Operation operation) =>
        operation.Route.StartsWith(ResourceKind.ApiRoot, StringComparison.Ordinal);

    [GeneratedRegex(@"\{(?<name>\w+)\}", RegexOptions.ExplicitCapture)]
    private static partial Regex Key();
}
