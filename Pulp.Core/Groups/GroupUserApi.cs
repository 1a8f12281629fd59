using Pulp.Core.Access;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.OpenApi;
using Pulp.Core.Platform.Resources;

namespace Pulp.Core.Groups;

/// <summary>Adds users to groups, and takes them out.</summary>
internal sealed class GroupUserApi(ApiOperations operations, Database database, GroupChanges changes)
{
    public void Map(ResourceKind kind)
    {
        operations.Schema("GroupUser", Schemas.Of([("username", Schemas.NonEmptyText())], "username"));
        operations.Add(
            kind.OnKind(
                "POST",
                "create",
                kind.Rule("create"),
                "Add a user to a group",
                request => AddAsync(request, kind)
            ) with
            {
                Body = "GroupUser",
                Responses = ResourceApi.Ok(201, "GroupUserResponse"),
            }
        );
        operations.Add(
            kind.OnOne(
                "DELETE",
                "delete",
                kind.Rule("destroy"),
                "Take a user out of a group",
                request => RemoveAsync(request, kind)
            ) with
            {
                Responses = ResourceApi.Nothing,
            }
        );
    }

    private async Task AddAsync(AdmittedRequest request, ResourceKind kind)
    {
        var group = GroupOf(request, kind);
        await using var body = await RequestBody.ReadAsync(request, files: null, request.RequestAborted);
        var user =
            await FindAsync(body, request.RequestAborted)
            ?? throw new FieldlessException("Could not find user from the given data.");
        await changes.AddAsync(group, user.Id, request.RequestAborted);
        var href = kind.Href(request.Reach.Scope, user.Id, group);
        await request.Response.JsonAsync(
            201,
            new
            {
                username = user.Username,
                pulp_href = href,
                prn = $"prn:auth.user:{user.Id}",
            }
        );
    }

    private async Task RemoveAsync(AdmittedRequest request, ResourceKind kind)
    {
        if (!await changes.RemoveAsync(GroupOf(request, kind), request.Key.Number, request.RequestAborted))
        {
            throw ResourceChanges.NotFound(kind);
        }

        request.Response.StatusCode = 204;
    }

    private static long GroupOf(AdmittedRequest request, ResourceKind kind) =>
        ParentKind.In(request.Http, kind) is { } group
            ? group.Number
            : throw new InvalidOperationException("Members have no group.");

    /// <summary>The user of a name, or of a number, which clients of the original may send instead.</summary>
    private async Task<Found?> FindAsync(RequestBody body, CancellationToken cancellationToken)
    {
        if (body.TryGet("username", out var given) && given.AsText() is { } name)
        {
            return await database.FirstOrDefaultAsync<Found>(
                $"select id, username from core_user where username = {name}",
                cancellationToken
            );
        }

        return
            (body.TryGet("pk", out var key) || body.TryGet("id", out key))
            && WireNumbers.TryInteger(key.Raw, out var number)
            ? await database.FirstOrDefaultAsync<Found>(
                $"select id, username from core_user where id = {number}",
                cancellationToken
            )
            : null;
    }

    private sealed record Found
    {
        public long Id { get; init; }

        public string Username { get; init; } = "";
    }
}
