using System.Text.Json.Nodes;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Modules;
using Pulp.Core.Platform.OpenApi;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Rights;
using Pulp.Core.Users;

namespace Pulp.Core.Access;

/// <summary>Who is signed in, and sessions.</summary>
internal sealed class LoginApi(
    ApiOperations operations,
    Database database,
    Sessions sessions,
    OwnAccount account,
    TimeProvider clock
) : IOperations
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
            Tag = "Login",
            Summary = "Who is signed in",
            Access = Rule("retrieve"),
            Parameters = [.. KindParameters.OfFields()],
            Responses = ResourceApi.Ok(200, "LoginResponse"),
            Handler = request => AnswerAsync(request, 200),
        };
        operations.Add(read);
        operations.Add(
            read with
            {
                Id = "login",
                Method = "POST",
                Summary = "Open a session",
                Access = Rule("create"),
                Parameters = [],
                Responses = ResourceApi.Ok(201, "LoginResponse"),
                Handler = LoginAsync,
            }
        );
        operations.Schema(
            "PatchedLoginUpdate",
            Schemas.Of([
                .. OwnMembers(),
                ("old_password", Schemas.Text().WriteOnly()),
                ("new_password", Schemas.Text().WriteOnly()),
            ])
        );
        operations.Schema("LoginUpdateResponse", Schemas.Of(OwnMembers()));
        operations.Add(
            read with
            {
                Id = "login_update",
                Method = "PATCH",
                Summary = "Change one's own account",
                Access = Rule("partial_update"),
                Parameters = [],
                Body = "PatchedLoginUpdate",
                Responses = ResourceApi.Ok(200, "LoginUpdateResponse"),
                Handler = UpdateAsync,
            }
        );
        operations.Add(
            read with
            {
                Id = "logout",
                Method = "DELETE",
                Summary = "Close the session",
                Access = Rule("destroy"),
                Parameters = [],
                Responses = new Dictionary<int, JsonObject?> { [204] = null },
                Handler = LogoutAsync,
            }
        );
    }

    private static AccessRule.Policy Rule(string action) =>
        new(CorePolicies.Login, action, Target.None, Kind: null, Permission: null);

    private static Task AnswerAsync(AdmittedRequest request, int status)
    {
        var caller = request.Caller ?? throw new ForbiddenException();
        return request.Response.JsonAsync(
            status,
            new
            {
                pulp_href = $"{request.Reach.Scope.SharedRoot}users/{caller.Id}/",
                prn = $"prn:auth.user:{caller.Id}",
                username = caller.Username,
            }
        );
    }

    private async Task LoginAsync(AdmittedRequest request)
    {
        var caller = request.Caller ?? throw new ForbiddenException();
        if (caller.TokenId is not null)
        {
            throw new ForbiddenException("A token can't open a session: it would go on when the token has ended.");
        }

        var token = await sessions.OpenAsync(caller, request.RequestAborted);
        SessionAuthentication.Give(request.Response, token, request.Request.IsHttps);
        await database.ExecuteAsync(
            $"update core_user set last_login = {clock.GetUtcNow()} where id = {caller.Id}",
            request.RequestAborted
        );
        await AnswerAsync(request, 201);
    }

    private static (string Name, JsonObject Schema)[] OwnMembers() =>
        [
            ("username", Schemas.Text()),
            ("first_name", Schemas.Text()),
            ("last_name", Schemas.Text()),
            ("email", Schemas.Text()),
        ];

    private async Task UpdateAsync(AdmittedRequest request)
    {
        var caller = request.Caller ?? throw new ForbiddenException();
        await account.ChangeAsync(request, caller);
        var now =
            await database.FirstOrDefaultAsync<User>(
                $"select username, first_name, last_name, email from core_user where id = {caller.Id}",
                CancellationToken.None
            ) ?? throw new NotFoundException();
        await request.Response.JsonAsync(
            200,
            new
            {
                now.Username,
                now.FirstName,
                now.LastName,
                now.Email,
            }
        );
    }

    private async Task LogoutAsync(AdmittedRequest request)
    {
        if (request.Request.Cookies[SessionAuthentication.Cookie] is { Length: > 0 } token)
        {
            await sessions.CloseAsync(token, request.RequestAborted);
        }

        SessionAuthentication.TakeBack(request.Response);
        request.Response.StatusCode = 204;
    }
}
