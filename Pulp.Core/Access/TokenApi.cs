using System.Text.Json.Nodes;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Modules;
using Pulp.Core.Platform.OpenApi;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Users;

namespace Pulp.Core.Access;

/// <summary>Personal access tokens: everybody has those of their own account, administrators those of all.</summary>
internal sealed class TokenApi(
    ApiOperations operations,
    ResourceRegistry registry,
    ResourceStore store,
    FieldBinder binder,
    Database database,
    AccessTokens tokens
) : IOperations
{
    private static readonly ResourceKind Body = ResourceKind.OfBody("core", typeof(NewAccessToken));

    public void Map()
    {
        var user = registry.For<User>();
        Describe();
        var list = user.Verb("GET", "tokens", new AccessRule.SignedIn(), "List personal access tokens", ListAsync) with
        {
            Id = "users_tokens_list",
            Tag = "Users: Tokens",
            Responses = ResourceApi.Ok(200, "PaginatedAccessTokenResponseList"),
        };
        operations.Add(list);
        operations.Add(
            list with
            {
                Id = "users_tokens_create",
                Method = "POST",
                Summary = "Make a personal access token",
                Body = "AccessToken",
                Responses = ResourceApi.Ok(201, "NewAccessTokenResponse"),
                Handler = CreateAsync,
            }
        );
        operations.Add(
            list with
            {
                Id = "users_tokens_delete",
                Method = "DELETE",
                Route = list.Route + "{token_id}/",
                DocumentPath = "{access_token_href}",
                Summary = "End a personal access token",
                Parameters = [ApiOperations.Href("access_token_href")],
                Responses = ResourceApi.Nothing,
                Handler = RevokeAsync,
            }
        );
    }

    private void Describe()
    {
        (string, JsonObject)[] members =
        [
            ("pulp_href", Schemas.ReadOnlyUri()),
            ("pulp_created", Schemas.Timestamp().ReadOnly()),
            ("name", Schemas.Text()),
            ("scope", Schemas.Choice([AccessToken.Full, AccessToken.ReadOnly])),
            ("expires_at", Schemas.Timestamp().OrNull()),
            ("last_used", Schemas.Timestamp().OrNull().ReadOnly()),
        ];
        operations.Schema("AccessToken", ResourceSchemas.Request(Body, partial: false));
        operations.Schema("AccessTokenResponse", Schemas.Of(members));
        operations.Schema("PaginatedAccessTokenResponseList", ResourceSchemas.Page("AccessTokenResponse"));
        operations.Schema(
            "NewAccessTokenResponse",
            Schemas.Of(
                members
                    .Select(m => (m.Item1, (JsonObject)m.Item2.DeepClone()))
                    .Append(("token", Schemas.Text("The token itself. Nobody sees it again.").ReadOnly()))
            )
        );
    }

    private async Task ListAsync(AdmittedRequest request)
    {
        var user = await OwnerAsync(request);
        var all = await tokens.ListAsync(user, request.RequestAborted);
        await request.Response.JsonAsync(
            200,
            new
            {
                count = all.Count,
                next = (string?)null,
                previous = (string?)null,
                results = all.Select(token => Shown(token, request.Reach.Scope)),
            }
        );
    }

    private async Task CreateAsync(AdmittedRequest request)
    {
        var user = await OwnerAsync(request);
        if (request.Caller is { TokenId: not null })
        {
            // Whoever finds a token could keep the account beyond the token's end.
            throw new ForbiddenException("A token can't make tokens. Sign in with the account's password.");
        }

        await using var body = await RequestBody.ReadAsync(request, files: null, request.RequestAborted);
        var errors = new ValidationErrors();
        var given = await binder.BindAsync(
            Body,
            body,
            BindMode.Create,
            extra: [],
            request.Reach,
            errors,
            request.RequestAborted
        );
        errors.ThrowIfAny();
        var (token, text) = await tokens.CreateAsync(
            user,
            given.ToRecord<NewAccessToken>(Body),
            request.RequestAborted
        );
        var shown = Shown(token, request.Reach.Scope);
        shown["token"] = text;
        request.Response.Headers.CacheControl = "no-store";
        request.Response.Headers.Location = HrefOf(token, request.Reach.Scope);
        await request.Response.JsonAsync(201, shown);
    }

    private async Task RevokeAsync(AdmittedRequest request)
    {
        var user = await OwnerAsync(request);
        if (
            !Guid.TryParseExact(request.Request.RouteValues["token_id"] as string, "D", out var token)
            || !await tokens.RevokeAsync(user, token, request.RequestAborted)
        )
        {
            throw new NotFoundException("No AccessToken matches the given query.");
        }

        request.Response.StatusCode = 204;
    }

    /// <summary>The account in the path, where the caller may know of its tokens.</summary>
    private async Task<long> OwnerAsync(AdmittedRequest request)
    {
        var kind = registry.For<User>();
        var key = ResourceKey.Parse(kind, request.Request.RouteValues["pulp_id"] as string);
        return
            key is { } user
            && (request.Caller is { IsSuperuser: true } || request.Caller?.Id == user.Number)
            && await store.ExistsAsync(database, kind, request.Reach, user, request.RequestAborted)
            ? user.Number
            : throw ResourceChanges.NotFound(kind);
    }

    private Dictionary<string, object?> Shown(AccessToken token, DomainScope scope) =>
        new(StringComparer.Ordinal)
        {
            ["pulp_href"] = HrefOf(token, scope),
            ["pulp_created"] = Moment(token.PulpCreated),
            ["name"] = token.Name,
            ["scope"] = token.Scope,
            ["expires_at"] = Moment(token.ExpiresAt),
            ["last_used"] = Moment(token.LastUsed),
        };

    private string HrefOf(AccessToken token, DomainScope scope) =>
        $"{registry.For<User>().Href(scope, token.UserId)}tokens/{token.PulpId}/";

    private static string? Moment(DateTimeOffset? moment) =>
        moment?.UtcDateTime.ToString(Dialect.TimestampFormat, null);
}
