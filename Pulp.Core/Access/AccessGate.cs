using Microsoft.AspNetCore.Authentication;
using Pulp.Core.Access.External;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Users;

namespace Pulp.Core.Access;

/// <summary>
/// The one place that decides who may call what. An endpoint without a rule can't be mapped, and a rule that isn't understood
/// refuses: nothing becomes reachable by forgetting it.
/// </summary>
internal sealed class AccessGate(AccessGate.Schemes schemes, ProxyHeaders proxies)
{
    /// <summary>The authentication schemes in the order they are asked; the first one says how a refusal looks.</summary>
    internal sealed record Schemes(IReadOnlyList<string> Names);

    private const string NoCredentials = "Authentication credentials were not provided.";

    /// <summary>Finds out who calls, and refuses who may not; null when the answer is written.</summary>
    /// <exception cref="NotFoundException">The path's object isn't there, or the caller may not know of it.</exception>
    public async Task<AdmittedRequest?> AdmitAsync(HttpContext context, AccessRule rule)
    {
        if (rule is AccessRule.Public)
        {
            return new AdmittedRequest(context, caller: null, key: null);
        }

        if (await AuthenticateAsync(context) is { } refusal)
        {
            // Who says who he is must prove it, also where anybody may.
            if (refusal == NoCredentials && rule is AccessRule.Policy open && DeclaredAccess.Admits(open, caller: null))
            {
                return new AdmittedRequest(context, caller: null, KeyOf(context, open));
            }

            await context.ChallengeAsync(schemes.Names[0]);
            context.Response.Headers.Vary = "Accept, Cookie";
            await context.Response.DetailAsync(context.Response.StatusCode, refusal);
            return null;
        }

        var caller = CallerIdentity.CallerOf(context) ?? throw new ForbiddenException();
        CheckScope(context, caller);
        return rule switch
        {
            AccessRule.SignedIn => new AdmittedRequest(context, caller, key: null),
            AccessRule.Policy policy => Admit(context, caller, policy),
            _ => throw new ForbiddenException(),
        };
    }

    /// <summary>
    /// Finds out who calls a plugin's route. Without a request it is refused: the status and the challenge are set, the body isn't
    /// written.
    /// </summary>
    /// <param name="context">The request.</param>
    /// <param name="anybody">Whether also nobody may call; who says who he is must prove it all the same.</param>
    public async Task<(AdmittedRequest? Request, string Refusal)> AdmitToRouteAsync(HttpContext context, bool anybody)
    {
        var headers = context.Request.Headers;
        if (anybody && headers.Authorization.Count == 0 && headers.Cookie.Count == 0 && !proxies.AreIn(headers))
        {
            return (new AdmittedRequest(context, caller: null, key: null), "");
        }

        if (await AuthenticateAsync(context) is { } refusal && !(anybody && refusal == NoCredentials))
        {
            await context.ChallengeAsync(schemes.Names[0]);
            return (null, refusal);
        }

        var caller = CallerIdentity.CallerOf(context);
        CheckScope(context, caller);
        return (new AdmittedRequest(context, caller, key: null), "");
    }

    /// <summary>What a token may not, nobody may by it, whoever it stands for.</summary>
    private static void CheckScope(HttpContext context, Caller? caller)
    {
        var method = context.Request.Method;
        var isSafe = HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method);
        if (caller is { MayOnlyRead: true } && !isSafe)
        {
            throw new ForbiddenException("This token may only read.");
        }
    }

    private static AdmittedRequest Admit(HttpContext context, Caller caller, AccessRule.Policy policy)
    {
        var key = KeyOf(context, policy);
        if (Holds(caller, policy))
        {
            return new AdmittedRequest(context, caller, key);
        }

        // Who may not see an object isn't told whether there is one, and without a role nobody sees any.
        throw key is not null && policy.Kind is { } of ? ResourceChanges.NotFound(of) : new ForbiddenException();
    }

    private static ResourceKey? KeyOf(HttpContext context, AccessRule.Policy policy) =>
        policy is { Target: Target.Object or Target.Parent, Kind: { } kind }
            ? ResourceKey.Parse(kind, context.Request.RouteValues["pulp_id"] as string)
                ?? throw ResourceChanges.NotFound(kind)
            : null;

    /// <summary>
    /// Whether the policy lets the caller. Until there are roles, administrators may do everything, and others what a plugin's policy
    /// says without conditions.
    /// </summary>
    private static bool Holds(Caller caller, AccessRule.Policy policy) =>
        policy.Action.Length > 0 && (caller.IsSuperuser || DeclaredAccess.Admits(policy, caller));

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

        return NoCredentials;
    }
}
