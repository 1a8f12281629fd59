using System.Text.Json.Nodes;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Modules;
using Pulp.Core.Platform.OpenApi;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Users;

namespace Pulp.Core.Access;

/// <summary>Who is signed in, and sessions.</summary>
internal sealed class LoginApi(ApiOperations operations, Database database, Sessions sessions, TimeProvider clock)
    : IOperations
{
    public void Map()
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
        var token = await sessions.OpenAsync(caller, context.RequestAborted);
        SessionAuthentication.Give(context.Response, token, context.Request.IsHttps);
        await database.ExecuteAsync(
            $"update core_user set last_login = {clock.GetUtcNow()} where id = {caller.Id}",
            context.RequestAborted
        );
        await AnswerAsync(context, 201);
    }

    private async Task LogoutAsync(HttpContext context)
    {
        if (context.Request.Cookies[SessionAuthentication.Cookie] is { Length: > 0 } token)
        {
            await sessions.CloseAsync(token, context.RequestAborted);
        }

        SessionAuthentication.TakeBack(context.Response);
        context.Response.StatusCode = 204;
    }
}
