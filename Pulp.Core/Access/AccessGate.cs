using Microsoft.AspNetCore.Authentication;
using Pulp.Core.Access.External;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Rights;
using Pulp.Core.Users;

namespace Pulp.Core.Access;

/// <summary>
/// The one place that decides who may call what. An endpoint without a rule can't be mapped, and a rule that isn't understood
/// refuses: nothing becomes reachable by forgetting it.
/// </summary>
internal sealed class AccessGate(
    AccessGate.Schemes schemes,
    ProxyHeaders proxies,
    PolicyBook policies,
    Sights sights,
    ResourceStore store,
    Database database
)
{
    /// <summary>The authentication schemes in the order they are asked; the first one says how a refusal looks.</summary>
    internal sealed record Schemes(IReadOnlyList<string> Names);

    private const string NoCredentials = "Authentication credentials were not provided.";

    /// <summary>Finds out who calls, and refuses who may not; null when the answer is written.</summary>
    /// <exception cref="NotFoundException">The path's object isn't there, or the caller may not know of it.</exception>
    /// <exception cref="ForbiddenException">The caller may not do this.</exception>
    public async Task<AdmittedRequest?> AdmitAsync(HttpContext context, AccessRule rule)
    {
        if (rule is AccessRule.Public)
        {
            return new AdmittedRequest(context, caller: null, key: null);
        }

        if (await AuthenticateAsync(context) is { } refusal)
        {
            // Who says who he is must prove it, also where anybody may.
            if (
                refusal == NoCredentials
                && rule is AccessRule.Policy open
                && NamesObject(context, open)
                && await JudgeAsync(context, caller: null, open) is { } admitted
            )
            {
                return admitted;
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
            AccessRule.Policy policy => await JudgeAsync(context, caller, policy) ?? throw new ForbiddenException(),
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

    /// <summary>Asks the policy; null where it refuses.</summary>
    /// <exception cref="NotFoundException">The path's object isn't there, or the caller may not know of it.</exception>
    private async Task<AdmittedRequest?> JudgeAsync(HttpContext context, Caller? caller, AccessRule.Policy rule)
    {
        var cancellationToken = context.RequestAborted;
        if (rule.IsForAdministrators && caller is not { IsSuperuser: true })
        {
            return null;
        }

        var (policy, state) = rule.Permission is ""
            ? (Policy.ForAdministrators(rule.Name), await policies.StateAsync(cancellationToken))
            : await policies.OfAsync(rule.Name, cancellationToken);
        var request = new AdmittedRequest(context, caller, KeyOf(context, rule))
        {
            Sight = caller is { IsSuperuser: false }
                ? await sights.OfAsync(caller, context.Domain().Id, cancellationToken)
                : null,
        };
        var asked = Asked(request, rule, state);
        var verdict = await policy.JudgeAsync(asked, cancellationToken);
        if (caller is { IsSuperuser: false } && await IsHiddenAsync(request, rule))
        {
            throw ResourceChanges.NotFound(rule.Kind ?? throw new InvalidOperationException("It has no object."));
        }

        if (!verdict.Allowed)
        {
            return null;
        }

        if (verdict.NeedsBody)
        {
            request.MayGoOn = async body =>
            {
                if (!(await policy.JudgeAsync(asked with { Body = body }, cancellationToken)).Allowed)
                {
                    throw new ForbiddenException();
                }
            };
        }

        return request;
    }

    private static AskedRequest Asked(AdmittedRequest request, AccessRule.Policy rule, AccessState state)
    {
        var kind = rule.Kind;
        var parent =
            kind?.Parent is { } above && ParentKind.In(request.Http, kind) is { } key
                ? (above.Kind, key)
                : ((ResourceKind, ResourceKey)?)null;
        return new AskedRequest
        {
            Caller = request.Caller,
            State = state,
            Reach = request.Reach,
            Action = rule.Action,
            Method = request.Request.Method,
            IsSafe = HttpMethods.IsGet(request.Request.Method) || HttpMethods.IsHead(request.Request.Method),
            Object = kind is not null && rule.Target == Target.Object ? (kind, request.Key) : null,
            Parent = kind is not null && rule.Target == Target.Parent ? (kind, request.Key) : parent,
        };
    }

    /// <summary>Whether the caller may not know of the path's object, or there is none.</summary>
    private async Task<bool> IsHiddenAsync(AdmittedRequest request, AccessRule.Policy rule) =>
        rule is { Target: Target.Object or Target.Parent, Kind: { IsForAdministrators: false } kind }
        && request.Sight?.Where(kind) is not null
        && !await store.ExistsAsync(database, kind, request.Reach, request.Key, request.RequestAborted);

    /// <summary>Whether the path can name an object, where it is to.</summary>
    private static bool NamesObject(HttpContext context, AccessRule.Policy rule) =>
        rule.Kind is not { } kind
        || (
            (
                rule.Target is not (Target.Object or Target.Parent)
                || ResourceKey.Parse(kind, context.Request.RouteValues["pulp_id"] as string) is not null
            )
            && (
                kind.Parent is not { } parent
                || ResourceKey.Parse(parent.Kind, context.Request.RouteValues[ParentKind.RouteValue] as string)
                    is not null
            )
        );

    private static ResourceKey? KeyOf(HttpContext context, AccessRule.Policy policy) =>
        policy is { Target: Target.Object or Target.Parent, Kind: { } kind }
            ? ResourceKey.Parse(kind, context.Request.RouteValues["pulp_id"] as string)
                ?? throw ResourceChanges.NotFound(kind)
            : null;

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
