using Pulp.Core.Access;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Modules;
using Pulp.Core.Platform.OpenApi;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Rights;

namespace Pulp.Core.Roles;

/// <summary>Who has which roles on a resource: listed, given and taken on every kind that has roles, and what the caller may do.</summary>
internal sealed class ObjectRoles(
    ApiOperations operations,
    ResourceRegistry registry,
    ObjectRoleChanges changes,
    PermissionHolders holders
) : IOperations
{
    public void Map()
    {
        operations.Schema("NestedRole", Body());
        operations.Schema("NestedRoleResponse", Body());
        operations.Schema(
            "ObjectRolesResponse",
            Schemas.Of([("roles", Schemas.Array(Schemas.Ref("NestedRoleResponse")))], "roles")
        );
        operations.Schema(
            "MyPermissionsResponse",
            Schemas.Of([("permissions", Schemas.Array(Schemas.Text()))], "permissions")
        );
        foreach (var kind in registry.All.Where(k => k.HasRoles))
        {
            Map(kind);
        }
    }

    private static System.Text.Json.Nodes.JsonObject Body() =>
        Schemas.Of(
            [
                ("users", Schemas.Array(Schemas.NonEmptyText())),
                ("groups", Schemas.Array(Schemas.NonEmptyText())),
                ("role", Schemas.NonEmptyText()),
            ],
            "role"
        );

    private void Map(ResourceKind kind)
    {
        operations.Add(
            Reading(kind, "list_roles", kind.Rule("list_roles", "manage_roles"), "List roles", ListAsync) with
            {
                Responses = ResourceApi.Ok(200, "ObjectRolesResponse"),
            }
        );
        operations.Add(
            Reading(
                kind,
                "my_permissions",
                kind.Rule("my_permissions", "view"),
                "List the caller's permissions",
                MineAsync
            ) with
            {
                Responses = ResourceApi.Ok(200, "MyPermissionsResponse"),
            }
        );
        operations.Add(Change(kind, "add_role", "Give a role to users and groups"));
        operations.Add(Change(kind, "remove_role", "Take a role from users and groups"));
    }

    private static Operation Reading(
        ResourceKind kind,
        string verb,
        AccessRule access,
        string summary,
        Func<AdmittedRequest, ResourceKind, Task> read
    ) =>
        kind.Verb("GET", verb, access, summary, request => read(request, kind)) with
        {
            Parameters = [ApiOperations.Href(kind), .. KindParameters.OfFields()],
        };

    private Operation Change(ResourceKind kind, string verb, string summary) =>
        kind.Verb(
            "POST",
            verb,
            kind.Rule(verb, "manage_roles"),
            summary,
            request => ChangeAsync(request, kind, adds: verb == "add_role")
        ) with
        {
            Body = "NestedRole",
            Responses = ResourceApi.Ok(201, "NestedRoleResponse"),
        };

    private async Task ListAsync(AdmittedRequest request, ResourceKind kind)
    {
        await changes.EnsureThereAsync(kind, request.Reach, request.Key, request.RequestAborted);
        await request.Response.JsonAsync(
            200,
            new { roles = await changes.ListAsync(kind, request.Key, request.RequestAborted) }
        );
    }

    private async Task MineAsync(AdmittedRequest request, ResourceKind kind)
    {
        await changes.EnsureThereAsync(kind, request.Reach, request.Key, request.RequestAborted);
        var caller = request.Caller ?? throw new ForbiddenException();
        var permissions = await holders.GivenOnAsync(caller, kind, request.Key, request.RequestAborted);
        await request.Response.JsonAsync(200, new { permissions });
    }

    private async Task ChangeAsync(AdmittedRequest request, ResourceKind kind, bool adds)
    {
        await changes.EnsureThereAsync(kind, request.Reach, request.Key, request.RequestAborted);
        await using var body = await RequestBody.ReadAsync(request, files: null, request.RequestAborted);
        var errors = new ValidationErrors();
        RequestFields.RefuseUnknown(body, ["role", "users", "groups"], errors);
        var role = RequestFields.Text(body, "role", errors, required: true);
        var users = Names(body, "users", errors);
        var groups = Names(body, "groups", errors);
        errors.ThrowIfAny();
        var change = new RoleChange(role ?? "", users, groups, adds, request.Reach.Domain);
        await changes.ApplyAsync(kind, request.Key, change, request.RequestAborted);
        await request.Response.JsonAsync(
            201,
            new
            {
                users,
                groups,
                role,
            }
        );
    }

    private static IReadOnlyList<string> Names(RequestBody body, string member, ValidationErrors errors)
    {
        if (!body.TryGet(member, out var given))
        {
            return [];
        }

        if (given.AsTexts() is { } names)
        {
            return names;
        }

        errors.Add(
            member,
            given.IsNull
                ? "This field may not be null."
                : $"Expected a list of items but got type \"{given.TypeName}\"."
        );
        return [];
    }
}
