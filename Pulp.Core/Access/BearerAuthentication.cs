using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Pulp.Core.Access.External;
using Pulp.Core.Platform.Http;
using Pulp.Core.Users;

namespace Pulp.Core.Access;

/// <summary>
/// Tokens in <c>Authorization: Bearer</c>: ours, and those of issuers that the settings name. Others are left alone: they may be a
/// plugin's own, which it looks at itself.
/// </summary>
internal sealed class BearerAuthentication(
    AccessTokens tokens,
    OidcTokens issued,
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory logger,
    UrlEncoder encoder
) : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string Name = "Bearer";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var header = Request.Headers.Authorization.ToString();
        if (!header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
        {
            return AuthenticateResult.NoResult();
        }

        var token = header["Bearer ".Length..].Trim();
        var address = GuessLimits.AddressOf(Context.Connection.RemoteIpAddress);
        var outcome = token.StartsWith(AccessTokens.Prefix, StringComparison.Ordinal)
            ? await tokens.TryAsync(token, username: null, address, Context.RequestAborted)
            : await issued.TryAsync(token, address, Context.RequestAborted);
        return outcome switch
        {
            null => AuthenticateResult.NoResult(),
            SignInOutcome.Accepted accepted => AuthenticateResult.Success(
                new AuthenticationTicket(
                    new ClaimsPrincipal(new CallerIdentity(accepted.Caller, Scheme.Name)),
                    Scheme.Name
                )
            ),
            SignInOutcome.Later later => AuthenticateResult.Fail(new ThrottledException(later.Wait)),
            _ => AuthenticateResult.Fail("Invalid token."),
        };
    }
}
