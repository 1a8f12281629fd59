using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Pulp.Core.Access;
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
            Summary = "Create an user",
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
            Path = "{auth_user_href}",
            Summary = "Update an user",
            Access = new AccessRule.Permission(kind.Permission("change")),
            Parameters = [ApiOperations.Href("auth_user_href")],
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
                Summary = "Delete an user",
                Access = new AccessRule.Permission(kind.Permission("delete")),
                Body = null,
                Responses = new Dictionary<int, JsonObject?> { [204] = null },
                Handler = context => DeleteAsync(context, kind),
            }
        );
        MapLogin();
    }

    private void MapLogin()
    {
        operations.Schema(
            "LoginResponse",
            Schemas.Of([
                ("pulp_href", Schemas.ReadOnlyUri()),
                ("prn", Schemas.ReadOnlyText()),
                ("username", Schemas.ReadOnlyText()),
            ])
        );
        var read = new Operation
        {
            Id = "login_read",
            Method = "GET",
            Route = ResourceKind.ApiRoot + "login/",
            Path = ResourceKind.ApiRoot + "login/",
            Tag = "Login",
            Summary = "Who is signed in",
            Access = new AccessRule.SignedIn(),
            Parameters = [.. ResourceApi.FieldParameters()],
            Responses = ResourceApi.Ok(200, "LoginResponse"),
            Handler = context => AnswerAsync(context, 200),
        };
        operations.Add(read);
        operations.Add(
            read with
            {
                Id = "login",
                Method = "POST",
                Summary = "Open a session",
                Parameters = [],
                Responses = ResourceApi.Ok(201, "LoginResponse"),
                Handler = LoginAsync,
            }
        );
        operations.Add(
            read with
            {
                Id = "logout",
                Method = "DELETE",
                Summary = "Close the session",
                Parameters = [],
                Responses = new Dictionary<int, JsonObject?> { [204] = null },
                Handler = LogoutAsync,
            }
        );
    }

    private static Task AnswerAsync(HttpContext context, int status)
    {
        var caller = Caller.Of(context) ?? throw new ForbiddenException();
        return context.Response.JsonAsync(
            status,
            new
            {
                pulp_href = $"{ResourceKind.ApiRoot}users/{caller.Id}/",
                prn = $"prn:auth.user:{caller.Id}",
                username = caller.Username,
            }
        );
    }

    private async Task LoginAsync(HttpContext context)
    {
        var caller = Caller.Of(context) ?? throw new ForbiddenException();
        var options = new CookieOptions
        {
            HttpOnly = true,
            SameSite = SameSiteMode.Lax,
            Secure = context.Request.IsHttps,
            Path = "/",
        };
        context.Response.Cookies.Append(
            AccessGate.SessionCookie,
            await accounts.OpenSessionAsync(caller, context.RequestAborted),
            options
        );
        context.Response.Cookies.Append(
            AccessGate.CsrfCookie,
            Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(16)),
            new CookieOptions
            {
                SameSite = SameSiteMode.Lax,
                Secure = context.Request.IsHttps,
                Path = "/",
            }
        );
        await database.ExecuteAsync(
            $"update core_user set last_login = {clock.GetUtcNow()} where id = {caller.Id}",
            context.RequestAborted
        );
        await AnswerAsync(context, 201);
    }

    private async Task LogoutAsync(HttpContext context)
    {
        if (context.Request.Cookies[AccessGate.SessionCookie] is { Length: > 0 } token)
        {
            await accounts.CloseSessionAsync(token, context.RequestAborted);
        }

        context.Response.Cookies.Delete(AccessGate.SessionCookie);
        context.Response.StatusCode = 204;
    }

    private static long KeyOf(HttpContext context, ResourceKind kind) =>
        WireNumbers.TryInteger(context.Request.RouteValues["pulp_id"] as string, out var id)
            ? id
            : throw ResourceChanges.NotFound(kind);

    private async Task<(FieldValues Values, ValidationErrors Errors)> ReadAsync(
        HttpContext context,
        ResourceKind kind,
        BindMode mode,
        long self
    )
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

        if (values[kind.FieldOf(nameof(User.Password))] is string password)
        {
            CheckPassword(password, username, errors);
        }

        errors.ThrowIfAny();
        return (values, errors);
    }

    private static void CheckPassword(string password, string? username, ValidationErrors errors)
    {
        if (password.Length < 9)
        {
            errors.Add("password", "This password is too short. It must contain at least 9 characters.");
        }

        if (password.All(char.IsAsciiDigit))
        {
            errors.Add("password", "This password is entirely numeric.");
        }

        if (username is { Length: > 3 } && password.Contains(username, StringComparison.OrdinalIgnoreCase))
        {
            errors.Add("password", "The password is too similar to the username.");
        }
    }

    private async Task CreateAsync(HttpContext context, ResourceKind kind)
    {
        var (values, _) = await ReadAsync(context, kind, BindMode.Create, self: 0);
        object? Of(string property) => values[kind.FieldOf(property)];
        var password = Of(nameof(User.Password)) is string plain ? PasswordHash.Make(plain) : PasswordHash.Unusable;
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
        var (values, _) = await ReadAsync(context, kind, mode, id);
        await database.InTransactionAsync(
            async tx =>
            {
                foreach (var (field, value) in values.All)
                {
                    var stored =
                        field.PropertyName == nameof(User.Password)
                            ? value is string plain
                                ? PasswordHash.Make(plain)
                                : PasswordHash.Unusable
                            : value;
                    var sql = SqlText.Raw($"update core_user set {field.Column} = ");
                    sql.Append($"{stored} where id = {id}");
                    await tx.ExecuteAsync(sql, context.RequestAborted);
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
                await tx.ExecuteAsync($"delete from core_session where user_id = {id}", context.RequestAborted);
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
