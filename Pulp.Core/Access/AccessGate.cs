using System.Text;
using Pulp.Core.Platform.Http;
using Pulp.Core.Users;

namespace Pulp.Core.Access;

/// <summary>
/// The one place that decides who may call what. An endpoint without a rule can't be mapped, and a rule that isn't understood
/// refuses: nothing becomes reachable by forgetting it. Roles and policies will answer <see cref="Holds"/>.
/// </summary>
internal sealed class AccessGate(Accounts accounts)
{
    public const string SessionCookie = "sessionid";
    public const string CsrfCookie = "csrftoken";

    /// <summary>Finds out who calls, and refuses who may not; false when the answer is written.</summary>
    public async Task<bool> AdmitAsync(HttpContext context, AccessRule rule)
    {
        if (rule is AccessRule.Public)
        {
            return true;
        }

        var (caller, refusal) = await AuthenticateAsync(context);
        if (caller is null)
        {
            context.Response.Headers.WWWAuthenticate = "Basic realm=\"api\"";
            context.Response.Headers.Vary = "Accept, Cookie";
            await context.Response.DetailAsync(401, refusal);
            return false;
        }

        context.Items[typeof(Caller)] = caller;
        var admitted = rule switch
        {
            AccessRule.SignedIn => true,
            AccessRule.Permission permission => Holds(caller, permission.Name),
            _ => false,
        };
        if (!admitted)
        {
            await context.Response.DetailAsync(403, "You do not have permission to perform this action.");
        }

        return admitted;
    }

    /// <summary>Whether the caller holds a permission. Until there are roles, administrators hold all and others none.</summary>
    public static bool Holds(Caller caller, string permission) => permission.Length > 0 && caller.IsSuperuser;

    private async Task<(Caller? Caller, string Refusal)> AuthenticateAsync(HttpContext context)
    {
        var header = context.Request.Headers.Authorization.ToString();
        if (header.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase))
        {
            return (await BasicAsync(header["Basic ".Length..], context.RequestAborted), "Invalid username/password.");
        }

        if (context.Request.Cookies[SessionCookie] is { Length: > 0 } token)
        {
            var caller = await accounts.ResumeAsync(token, context.RequestAborted);
            if (
                caller is not null
                && !HttpMethods.IsGet(context.Request.Method)
                && !HttpMethods.IsHead(context.Request.Method)
            )
            {
                var expected = context.Request.Cookies[CsrfCookie];
                if (string.IsNullOrEmpty(expected) || context.Request.Headers["X-CSRFToken"] != expected)
                {
                    throw new ForbiddenException("CSRF Failed: CSRF token missing or incorrect.");
                }
            }

            return (caller, "Authentication credentials were not provided.");
        }

        return (null, "Authentication credentials were not provided.");
    }

    private async Task<Caller?> BasicAsync(string encoded, CancellationToken cancellationToken)
    {
        var buffer = new byte[encoded.Length];
        if (encoded.Length > 4096 || !Convert.TryFromBase64String(encoded.Trim(), buffer, out var length))
        {
            return null;
        }

        var text = Encoding.UTF8.GetString(buffer, 0, length);
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 || text.Contains('\0', StringComparison.Ordinal)
            ? null
            : await accounts.SignInAsync(text[..colon], text[(colon + 1)..], cancellationToken);
    }
}
