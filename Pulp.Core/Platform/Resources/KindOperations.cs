using Pulp.Core.Access;
using Pulp.Core.Platform.Http;

namespace Pulp.Core.Platform.Resources;

/// <summary>Operations of a kind, as far as the kind says them: what they are called, where they are, and what names the resource.</summary>
internal static class KindOperations
{
    /// <summary>An operation on the kind as a whole, at its list.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="method">Of HTTP.</param>
    /// <param name="name">What follows the kind's name in the operation's.</param>
    /// <param name="access">Who may.</param>
    /// <param name="summary">A few words for the document.</param>
    /// <param name="handler">Answers it.</param>
    public static Operation OnKind(
        this ResourceKind kind,
        string method,
        string name,
        AccessRule access,
        string summary,
        OperationHandler handler
    ) =>
        new()
        {
            Id = $"{kind.OperationStem}_{name}",
            Method = method,
            Route = ResourceKind.ApiRoot + kind.Path,
            DocumentPath = KindPaths.ListPathOf(kind),
            Tag = kind.Tag,
            Summary = summary,
            Access = access,
            Parameters = [.. KindPaths.ParentParameters(kind)],
            Handler = handler,
        };

    /// <summary>An operation on one resource, at its own address.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="method">Of HTTP.</param>
    /// <param name="name">What follows the kind's name in the operation's.</param>
    /// <param name="access">Who may.</param>
    /// <param name="summary">A few words for the document.</param>
    /// <param name="handler">Answers it.</param>
    public static Operation OnOne(
        this ResourceKind kind,
        string method,
        string name,
        AccessRule access,
        string summary,
        OperationHandler handler
    ) =>
        kind.OnKind(method, name, access, summary, handler) with
        {
            Route = KindPaths.RouteOf(kind),
            DocumentPath = KindPaths.PathOf(kind),
            Parameters = [ApiOperations.Href(kind)],
        };

    /// <summary>A verb on one resource, whose address ends with it.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="method">Of HTTP.</param>
    /// <param name="verb">The verb.</param>
    /// <param name="access">Who may.</param>
    /// <param name="summary">A few words for the document.</param>
    /// <param name="handler">Answers it.</param>
    public static Operation Verb(
        this ResourceKind kind,
        string method,
        string verb,
        AccessRule access,
        string summary,
        OperationHandler handler
    ) =>
        kind.OnOne(method, verb, access, summary, handler) with
        {
            Route = $"{KindPaths.RouteOf(kind)}{verb}/",
            DocumentPath = $"{KindPaths.PathOf(kind)}{verb}/",
        };
}
