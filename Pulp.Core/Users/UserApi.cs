using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.OpenApi;
using Pulp.Core.Platform.Resources;

namespace Pulp.Core.Users;

/// <summary>Accounts and sessions.</summary>
internal sealed partial class UserApi(
    ApiOperations operations,
    Database database,
    ResourceReader reader,
    FieldBinder binder,
    Accounts accounts,
    PasswordWork passwords,
    TimeProvider clock
)
{
    public static ResourceKind Kind() =>
        new("core", "user", typeof(User), "core_user", detailTable: null)
        {
            Path = "users/",
            OperationStem = "users",
            Tag = "Users",
            ModelName = "User",
            PrnApp = "auth",
            KeyColumn = "id",
            Verbs = Verbs.List | Verbs.Read,
            Members = (kind, _) => AddMembers(kind),
            Operations = (kind, services) => services.GetRequiredService<UserApi>().Map(kind),
        };

    private static void AddMembers(ResourceKind kind)
    {
        kind.Outputs.Add(
            Outputs.RawJson("groups", "'[]'", "[]", Schemas.Array(Schemas.Ref("UserGroupResponse")).ReadOnly())
        );
        kind.Outputs.Add(
            new OutputField(
                "hidden_fields",
                [$"m.password <> '{PasswordHash.Unusable}'"],
                (json, row, at) =>
                {
                    json.WriteStartArray();
                    json.WriteStartObject();
                    json.WriteString("name", "password");
                    json.WriteBoolean("is_set", row.Flag(at));
                    json.WriteEndObject();
                    json.WriteEndArray();
                },
                Schemas
                    .Array(Schemas.Of([("name", Schemas.Text()), ("is_set", Schemas.Boolean())], "is_set", "name"))
                    .ReadOnly()
            )
        );
    }

    private void Map(ResourceKind kind)
    {
        operations.Schema("User", ResourceSchemas.Request(kind, partial: false));
        operations.Schema("PatchedUser", ResourceSchemas.Request(kind, partial: true));
        operations.Schema(
            "UserGroupResponse",
            Schemas.Of(
                [("name", Schemas.Text()), ("pulp_href", Schemas.ReadOnlyUri()), ("prn", Schemas.ReadOnlyText())],
                "name"
            )
        );
        var create = new Operation
        {
            Id = "users_create",
            Method = "POST",
            Route = ResourceKind.ApiRoot + kind.Path,
            Path = ResourceKind.ApiRoot + kind.Path,
            Tag = kind.Tag,
            Summary = "Create a user",
            Access = new AccessRule.Permission(kind.Permission("add")),
            Body = "User",
            Responses = ResourceApi.Ok(201, "UserResponse"),
            Handler = context => CreateAsync(context, kind),
        };
        operations.Add(create);
        var update = create with
        {
            Id = "users_update",
            Method = "PUT",
            Route = ResourceApi.RouteOf(kind),
            Path = ResourceApi.PathOf(kind),
            Summary = "Update a user",
            Access = new AccessRule.Permission(kind.Permission("change")),
            Parameters = [ApiOperations.Href(kind)],
            Responses = ResourceApi.Ok(200, "UserResponse"),
            Handler = context => UpdateAsync(context, kind, BindMode.Replace),
        };
        operations.Add(update);
        operations.Add(
            update with
            {
                Id = "users_partial_update",
                Method = "PATCH",
                Body = "PatchedUser",
                Handler = context => UpdateAsync(context, kind, BindMode.Patch),
            }
        );
        operations.Add(
            update with
            {
                Id = "users_delete",
                Method = "DELETE",
                Summary = "Delete a user",
                Access = new AccessRule.Permission(kind.Permission("delete")),
                Body = null,
                Responses = new Dictionary<int, JsonObject?> { [204] = null },
                Handler = context => DeleteAsync(context, kind),
            }
        );
    }

    private static long KeyOf(HttpContext context, ResourceKind kind) =>
        WireNumbers.TryInteger(context.Request.RouteValues["pulp_id"] as string, out var id)
            ? id
            : throw ResourceChanges.NotFound(kind);

    private async Task<FieldValues> ReadAsync(HttpContext context, ResourceKind kind, BindMode mode, long self)
    {
        await using var body = await RequestBody.ReadAsync(context.Request, files: null, context.RequestAborted);
        var errors = new ValidationErrors();
        var values = await binder.BindAsync(kind, body, mode, [], errors, context.RequestAborted);
        var username = values[kind.FieldOf(nameof(User.Username))] as string;
        if (username is not null)
        {
            if (!UsernameShape().IsMatch(username))
            {
                errors.Add(
                    "username",
                    "Enter a valid username. This value may contain only letters, numbers, and @/./+/-/_ characters."
                );
            }

            var taken = await database.FirstOrDefaultAsync<long>(
                $"select 1 from core_user where username = {username} and id <> {self}",
                context.RequestAborted
            );
            if (taken == 1)
            {
                errors.Add("username", "This field must be unique.");
            }
        }

        if (values[kind.FieldOf(nameof(User.Email))] is string { Length: > 0 } email && !EmailShape().IsMatch(email))
        {
            errors.Add("email", "Enter a valid email address.");
        }

        errors.ThrowIfAny();
        if (values[kind.FieldOf(nameof(User.Password))] is string password)
        {
            await CheckPasswordAsync(password, kind, values, self, errors, context.RequestAborted);
            errors.ThrowIfAny();
        }

        return values;
    }

    private async Task CheckPasswordAsync(
        string password,
        ResourceKind kind,
        FieldValues values,
        long self,
        ValidationErrors errors,
        CancellationToken cancellationToken
    )
    {
        var present = await database.FirstOrDefaultAsync<User>(
            $"select username, first_name, last_name, email from core_user where id = {self}",
            cancellationToken
        );
        string? Of(string property, string? stored) => values[kind.FieldOf(property)] as string ?? stored;
        var faults = PasswordRules.Faults(
            password,
            [
                ("username", Of(nameof(User.Username), present?.Username)),
                ("first name", Of(nameof(User.FirstName), present?.FirstName)),
                ("last name", Of(nameof(User.LastName), present?.LastName)),
                ("email address", Of(nameof(User.Email), present?.Email)),
            ]
        );
        foreach (var fault in faults)
        {
            errors.Add(fault);
        }
    }

    /// <summary>What is stored for a password; made beside the transaction, which it would hold up.</summary>
    private async Task<string> StoredAsync(object? password, CancellationToken cancellationToken) =>
        password is string plain ? await passwords.HashAsync(plain, cancellationToken) : PasswordHash.Unusable;

    private async Task CreateAsync(HttpContext context, ResourceKind kind)
    {
        var values = await ReadAsync(context, kind, BindMode.Create, self: 0);
        object? Of(string property) => values[kind.FieldOf(property)];
        var password = await StoredAsync(Of(nameof(User.Password)), context.RequestAborted);
        var ids = await database.ReturningAsync<long>(
            $"""
            insert into core_user (username, password, first_name, last_name, email, is_staff, is_active, is_superuser, date_joined)
            values ({Of(nameof(User.Username))}, {password}, {Of(nameof(User.FirstName))}, {Of(nameof(User.LastName))},
                    {Of(nameof(User.Email))}, {Of(nameof(User.IsStaff))}, {Of(
                nameof(User.IsActive)
            )}, {false}, {clock.GetUtcNow()})
            on conflict (username) do nothing
            returning id
            """,
            context.RequestAborted
        );
        if (ids.Count == 0)
        {
            throw new ValidationException("username", "This field must be unique.");
        }

        var json = await reader.FindAsync(kind, ids[0], CancellationToken.None) ?? throw ResourceChanges.NotFound(kind);
        await context.Response.CreatedAsync(kind.Href(ids[0]), json);
    }

    private async Task UpdateAsync(HttpContext context, ResourceKind kind, BindMode mode)
    {
        var id = KeyOf(context, kind);
        var values = await ReadAsync(context, kind, mode, id);
        var password = kind.FieldOf(nameof(User.Password));
        if (values.Has(password))
        {
            values[password] = await StoredAsync(values[password], context.RequestAborted);
        }

        var endsSessions = values.Has(password) || values[kind.FieldOf(nameof(User.IsActive))] is false;
        await database.InTransactionAsync(
            async tx =>
            {
                foreach (var (field, value) in values.All)
                {
                    var sql = SqlText.Raw($"update core_user set {field.Column} = ");
                    sql.Append($"{value} where id = {id}");
                    await tx.ExecuteAsync(sql, context.RequestAborted);
                }

                if (endsSessions)
                {
                    await Accounts.EndSessionsAsync(tx, id, context.RequestAborted);
                }

                await accounts.ChangedAsync(tx, context.RequestAborted);
            },
            context.RequestAborted
        );
        var json = await reader.FindAsync(kind, id, CancellationToken.None) ?? throw ResourceChanges.NotFound(kind);
        await context.Response.JsonAsync(200, json);
    }

    private async Task DeleteAsync(HttpContext context, ResourceKind kind)
    {
        var id = KeyOf(context, kind);
        if (Caller.Of(context)?.Id == id)
        {
            throw new ConflictException("An account can't delete itself.");
        }

        var deleted = await database.InTransactionAsync(
            async tx =>
            {
                await Accounts.EndSessionsAsync(tx, id, context.RequestAborted);
                var count = await tx.ExecuteAsync($"delete from core_user where id = {id}", context.RequestAborted);
                await accounts.ChangedAsync(tx, context.RequestAborted);
                return count;
            },
            context.RequestAborted
        );
        if (deleted == 0)
        {
            throw ResourceChanges.NotFound(kind);
        }

        context.Response.StatusCode = 204;
    }

    [GeneratedRegex(@"^[\w.@+-]+$")]
    private static partial Regex UsernameShape();

    [GeneratedRegex(@"^[^@\s]+@[^@\s]+\.[^@\s]+$")]
    private static partial Regex EmailShape();
}
