using Microsoft.AspNetCore.Authentication;
using Pulp.Core.Platform.Http;
using Pulp.Core.Users;

namespace Pulp.Core.Access;

/// <summary>
/// The one place that decides who may call what. An endpoint without a rule can't be mapped, and a rule that isn't understood
/// refuses: nothing becomes reachable by forgetting it. Roles and policies will answer <see cref="Holds"/>.
/// </summary>
internal sealed class AccessGate(AccessGate.Schemes schemes)
{
    /// <summary>The authentication schemes in the order they are asked; the first one says how a refusal looks.</summary>
    internal sealed record Schemes(IReadOnlyList<string> Names);

    /// <summary>Finds out who calls, and refuses who may not; false when the answer is written.</summary>
    public async Task<bool> AdmitAsync(HttpContext context, AccessRule rule)
    {
        if (rule is AccessRule.Public)
        {
            return true;
        }

        if (await AuthenticateAsync(context) is { } refusal)
        {
            await context.ChallengeAsync(schemes.Names[0]);
            context.Response.Headers.Vary = "Accept, Cookie";
            await context.Response.DetailAsync(context.Response.StatusCode, refusal);
            return false;
        }

        var admitted = rule switch
        {
            AccessRule.SignedIn => true,
            AccessRule.Permission permission => Caller.Of(context) is { } caller && Holds(caller, permission.Name),
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

    /// <summary>Asks one scheme after the other; null when one knows the caller, otherwise the refusal.</summary>
    private async Task<string?> AuthenticateAsync(HttpContext context)
    {
        foreach (var scheme in schemes.Names)
        {
            var result = await context.AuthenticateAsync(scheme);
            if (result.Succeeded)
            {
                context.User = result.Principal;
                return null;
            }

            // Wrong credentials are refused, whatever the next scheme would say.
            if (result.Failure is { } failure)
            {
                return failure is PulpException ? throw failure : failure.Message;
            }
        }

        return "Authentication credentials were not provided.";
    }
}
