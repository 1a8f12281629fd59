using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Pulp.Core.Users;

namespace Pulp.Core.Access;

/// <summary>The cookie of a session, as browsers have it.</summary>
internal sealed class SessionAuthentication(
    Sessions sessions,
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory logger,
    UrlEncoder encoder
) : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string Name = "Session";
    public const string Cookie = "sessionid";
    public const string CsrfCookie = "csrftoken";
    private const string CsrfHeader = "X-CSRFToken";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (
            Request.Cookies[Cookie] is not { Length: > 0 } token
            || await sessions.ResumeAsync(token, Context.RequestAborted) is not { } caller
        )
        {
            return AuthenticateResult.NoResult();
        }

        // Other sites can make a browser send its cookies, but can't read them.
        var method = Request.Method;
        var changesNothing = HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method);
        if (!changesNothing && !Sessions.IsCsrfTokenOf(token, Request.Headers[CsrfHeader]))
        {
            return AuthenticateResult.Fail(new ForbiddenException("CSRF Failed: CSRF token missing or incorrect."));
        }

        var principal = new ClaimsPrincipal(new CallerIdentity(caller, Scheme.Name));
        return AuthenticateResult.Success(new AuthenticationTicket(principal, Scheme.Name));
    }

    /// <summary>Gives a browser the session and what its pages have to send with changes.</summary>
    public static void Give(HttpResponse response, string token, bool secure)
    {
        var readable = new CookieOptions
        {
            SameSite = SameSiteMode.Lax,
            Secure = secure,
            Path = "/",
            MaxAge = Sessions.Length,
        };
        response.Cookies.Append(CsrfCookie, Sessions.CsrfTokenOf(token), readable);
        response.Cookies.Append(Cookie, token, new CookieOptions(readable) { HttpOnly = true });
    }

    public static void TakeBack(HttpResponse response)
    {
        response.Cookies.Delete(CsrfCookie);
        response.Cookies.Delete(Cookie);
    }
}
