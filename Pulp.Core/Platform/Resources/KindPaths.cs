using Pulp.Core.Platform.Http;

namespace Pulp.Core.Platform.Resources;

/// <summary>The paths of a kind's operations: as they are routed, and as the document shows them.</summary>
internal static class KindPaths
{
    public static string RouteOf(ResourceKind kind) => $"{ResourceKind.ApiRoot}{kind.Path}{{pulp_id}}/";

    /// <summary>The path of the list in the document, which begins with the parent's href where there is one.</summary>
    public static string ListPathOf(ResourceKind kind) =>
        kind.Parent is { } parent ? $"{PathOf(parent.Kind)}{parent.PathName}/" : ResourceKind.ApiRoot + kind.Path;

    /// <summary>What such a path names.</summary>
    public static IEnumerable<OperationParameter> ParentParameters(ResourceKind kind) =>
        kind.Parent is { } parent ? [ApiOperations.Href(parent.Kind)] : [];

    public static string PathOf(ResourceKind kind) => $"{{{kind.HrefParameter}}}";
}
