using System.Security.Claims;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Pulp.Core.Platform.Http;
using Pulp.Core.Users;

namespace Pulp.Core.Access;

/// <summary>Name and password with each request.</summary>
internal sealed class BasicAuthentication(
    PasswordSignIn signIn,
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory logger,
    UrlEncoder encoder
) : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string Name = "Basic";
    private const int MaxLength = 4096;

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var header = Request.Headers.Authorization.ToString();
        if (!header.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase))
        {
            return AuthenticateResult.NoResult();
        }

        if (!TryRead(header["Basic ".Length..].Trim(), out var username, out var password))
        {
            return AuthenticateResult.Fail("Invalid basic header. Credentials not correctly base64 encoded.");
        }

        var address = GuessLimits.AddressOf(Context.Connection.RemoteIpAddress);
        return await signIn.TryAsync(username, password, address, Context.RequestAborted) switch
        {
            SignInOutcome.Accepted accepted => AuthenticateResult.Success(
                new AuthenticationTicket(
                    new ClaimsPrincipal(new CallerIdentity(accepted.Caller, Scheme.Name)),
                    Scheme.Name
                )
            ),
            SignInOutcome.Later later => AuthenticateResult.Fail(new ThrottledException(later.Wait)),
            _ => AuthenticateResult.Fail("Invalid username/password."),
        };
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        // A browser that sees "Basic" asks its user, also where a script of the page was refused and knows what to do.
        var isScript = string.Equals(
            Request.Headers.XRequestedWith,
            "XMLHttpRequest",
            StringComparison.OrdinalIgnoreCase
        );
        Response.StatusCode = StatusCodes.Status401Unauthorized;
        Response.Headers.WWWAuthenticate = isScript ? "xBasic realm=\"api\"" : "Basic realm=\"api\"";
        return Task.CompletedTask;
    }

    private static bool TryRead(string encoded, out string username, out string password)
    {
        (username, password) = ("", "");
        var buffer = new byte[Math.Min(encoded.Length, MaxLength)];
        if (encoded.Length > MaxLength || !Convert.TryFromBase64String(encoded, buffer, out var length))
        {
            return false;
        }

        var text = Encoding.UTF8.GetString(buffer, 0, length);
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0 || text.Contains('\0', StringComparison.Ordinal))
        {
            return false;
        }

        (username, password) = (text[..colon], text[(colon + 1)..]);
        return true;
    }
}
