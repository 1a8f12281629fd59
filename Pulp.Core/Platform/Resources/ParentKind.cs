using Pulp.Core.Access;
using Pulp.Core.Platform.Http;

namespace Pulp.Core.Platform.Resources;

/// <summary>The kind below whose resources those of another are found.</summary>
/// <param name="Kind">The parent's kind.</param>
/// <param name="Property">The child's property that holds the parent's id.</param>
/// <param name="PathName">The children's part of the path.</param>
internal sealed record ParentKind(ResourceKind Kind, string Property, string PathName)
{
    /// <summary>The parent's id in routes.</summary>
    public const string RouteValue = "parent_id";

    /// <summary>The parent that a request's path names; null for kinds without one.</summary>
    public static ResourceKey? In(HttpContext context, ResourceKind kind) =>
        kind.Parent is null
            ? null
            : ResourceKey.Parse(kind.Parent.Kind, context.Request.RouteValues[RouteValue] as string)
                ?? throw ResourceChanges.NotFound(kind.Parent.Kind);

    /// <summary>The rows of one parent.</summary>
    public static SqlText? Scope(ResourceKind kind, ResourceKey? parent) =>
        kind.ParentField is { } field && parent is { } key
            ? (SqlText)$"{Sql.Name(kind.Column(field))} = {key.Value}"
            : null;
}

/// <summary>
/// Makes sure, before any operation of a kind below another, that its path holds together: the parent is there within reach, and
/// the resource is the parent's.
/// </summary>
internal sealed class NestedPaths(ApiOperations operations, Database database, ResourceStore store)
{
    public void Check(ResourceKind kind)
    {
        if (kind.Parent is null)
        {
            return;
        }

        foreach (var operation in operations.All.Where(o => o.Access is AccessRule.Policy p && p.Kind == kind).ToList())
        {
            operations.Replace(
                operation with
                {
                    Handler = async request =>
                    {
                        await EnsureAsync(kind, kind.Parent.Kind, request, operation.Access);
                        await operation.Handler(request);
                    },
                }
            );
        }
    }

    private async Task EnsureAsync(ResourceKind kind, ResourceKind parent, AdmittedRequest request, AccessRule rule)
    {
        var id = ParentKind.In(request.Http, kind) ?? throw ResourceChanges.NotFound(parent);
        if (!await store.ExistsAsync(database, parent, request.Reach, id, request.RequestAborted))
        {
            throw ResourceChanges.NotFound(parent);
        }

        if (rule is not AccessRule.Policy { Target: Target.Object })
        {
            return;
        }

        var found = await database.FirstOrDefaultAsync<long>(
            $"""
            select 1 from {kind.From}
             where {ReachableRows.WhereKey(kind, request.Reach, request.Key)} and {ParentKind.Scope(kind, id)}
            """,
            request.RequestAborted
        );
        if (found != 1)
        {
            throw ResourceChanges.NotFound(kind);
        }
    }
}
