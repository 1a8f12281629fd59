using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Pulp.PluginSdk.Access;
using Pulp.PluginSdk.Serving;
using PulpContainer.Distributions;
using PulpContainer.Names;
using PulpContainer.Tokens;

namespace PulpContainer.Registry;

/// <summary>Lets requests to the registry in: by a token's scopes, by name and password, or as anybody's where images are public.</summary>
internal sealed class RegistryGate(RegistryTokens tokens, TokenSettings settings)
{
    public const string Pull = "pull";
    public const string Push = "push";

    /// <summary>The name of the catalog's scope.</summary>
    public const string Catalog = "registry:catalog:*";

    /// <summary>Of <c>/v2/</c> itself: whoever is known, which is how clients find out that their credentials are right.</summary>
    public async ValueTask AdmitToBaseAsync(HttpContext context)
    {
        if (await TokenOfAsync(context) is not null || CallerOf(context) is not null)
        {
            return;
        }

        throw Unauthorized(context, scope: null, error: null);
    }

    private async ValueTask AdmitToPullAsync(HttpContext context, string name, ContainerDistribution distribution)
    {
        var token = await TokenOfAsync(context);
        if (settings.TokenAuthDisabled || await MayPullAsync(context, token, name, distribution))
        {
            return;
        }

        throw token is null
            ? Refused(context, CallerOf(context), Scope(name, Pull))
            : Unauthorized(context, Scope(name, Pull), "insufficient_scope");
    }

    /// <summary>
    /// Who shows nothing is anybody, and most images that are pulled so are public; who shows something is mostly somebody who may. The
    /// policy is asked once for both.
    /// </summary>
    private async ValueTask<bool> MayPullAsync(
        HttpContext context,
        RegistryToken? token,
        string name,
        ContainerDistribution distribution
    )
    {
        var shows = context.Request.Headers.ContainsKey("Authorization");
        if (!shows && await MayAnybodyPullAsync(context, distribution))
        {
            return true;
        }

        var may = token is null
            ? CallerOf(context) is { } caller
                && await RightsOf(context).MayPullAsync(caller, distribution, context.RequestAborted)
            : token.Allows(name, Pull);
        return may || (shows && await MayAnybodyPullAsync(context, distribution));
    }

    private static ValueTask<bool> MayAnybodyPullAsync(HttpContext context, ContainerDistribution distribution) =>
        RightsOf(context).MayPullAsync(caller: null, distribution, context.RequestAborted);

    /// <summary>The repository of a name, from which the request may pull.</summary>
    public async ValueTask<ServedPath<ContainerDistribution>> PulledAsync(
        HttpContext context,
        IServed served,
        string name
    )
    {
        var found = await served.FindAsync<ContainerDistribution>(name, context.RequestAborted);
        if (found is not { Rest.Length: 0 })
        {
            throw ImageName.IsName(name)
                ? RegistryError.NameUnknown()
                : new RegistryError("NAME_INVALID", "This is not the name of a repository.", 404);
        }

        await AdmitToPullAsync(context, name, found.Distribution);
        return found;
    }

    /// <summary>Of an image that a cache hasn't yet, and has to make a repository for.</summary>
    public async ValueTask AdmitToPullNewAsync(HttpContext context, string name, ContainerPullThroughDistribution cache)
    {
        var token = await TokenOfAsync(context);
        var caller = token is null ? CallerOf(context) : await CallerOfAsync(context, token);
        if (!await RightsOf(context).MayPullNewAsync(caller, cache, context.RequestAborted))
        {
            throw Refused(context, caller, Scope(name, Pull));
        }
    }

    /// <summary>
    /// The cache that may be asked to bring something for the request; null where the request gets what is here. Nobody who is unknown
    /// has a cache bring anything.
    /// </summary>
    /// <exception cref="RegistryError">It isn't here, and who asks might be somebody for whom it is fetched.</exception>
    public async ValueTask<ContainerPullThroughDistribution?> CacheOfAsync(
        HttpContext context,
        IServedDistribution served,
        bool mustBring
    )
    {
        var distribution = (ContainerDistribution)served.Distribution;
        var token = await TokenOfAsync(context);
        var caller = token is null ? CallerOf(context) : await CallerOfAsync(context, token);
        if (
            distribution.PullThrough is not { } id
            || await RightsOf(context).CacheAsync(id, context.RequestAborted) is not { } cache
        )
        {
            return null;
        }

        if (await RightsOf(context).MayPullNewAsync(caller, cache, context.RequestAborted))
        {
            return cache;
        }

        return mustBring && caller is null ? throw Unauthorized(context, Scope(served.Path, Pull), error: null) : null;
    }

    /// <param name="context">The request.</param>
    /// <param name="name">What is pushed.</param>
    /// <param name="distribution">Null where there is none yet.</param>
    public async ValueTask AdmitToPushAsync(HttpContext context, string name, ContainerDistribution? distribution)
    {
        if (await TokenOfAsync(context) is { } token)
        {
            if (!token.Allows(name, Push))
            {
                throw Unauthorized(context, Scope(name, $"{Pull},{Push}"), "insufficient_scope");
            }

            return;
        }

        var caller = CallerOf(context);
        var may = distribution is null
            ? await RightsOf(context).MayCreateAsync(caller, name, context.RequestAborted)
            : await RightsOf(context).MayPushAsync(caller, distribution, context.RequestAborted);
        if (!may)
        {
            throw Refused(context, caller, Scope(name, $"{Pull},{Push}"));
        }
    }

    /// <summary>Whether the request may also pull from a repository; it isn't refused when not.</summary>
    public async ValueTask<bool> MayPullAsync(HttpContext context, string name, ContainerDistribution distribution) =>
        await MayPullAsync(context, await TokenOfAsync(context), name, distribution);

    /// <summary>Whether everybody may pull from a distribution.</summary>
    public async ValueTask<bool> MayAnybodyPullAsync(HttpContext context, Guid distribution) =>
        await RightsOf(context).FindAsync(distribution, context.RequestAborted) is { } found
        && await MayAnybodyPullAsync(context, found);

    /// <summary>Answers the account whose catalog is asked for; null for nobody.</summary>
    public async ValueTask<Caller?> AdmitToCatalogAsync(HttpContext context)
    {
        if (await TokenOfAsync(context) is { } token)
        {
            return token.Allows("catalog", "*", "registry")
                ? await AccessOf(context).FindAsync(token.Subject, context.RequestAborted)
                : throw Unauthorized(context, Catalog, "insufficient_scope");
        }

        var caller = CallerOf(context);
        return settings.TokenAuthDisabled || await RightsOf(context).MayListAsync(caller, context.RequestAborted)
            ? caller
            : throw Refused(context, caller, Catalog);
    }

    private static Caller? CallerOf(HttpContext context) => AccessOf(context).Current;

    private static Task<Caller?> CallerOfAsync(HttpContext context, RegistryToken token) =>
        token.Subject.Length == 0
            ? Task.FromResult<Caller?>(null)
            : AccessOf(context).FindAsync(token.Subject, context.RequestAborted);

    private static IAccess AccessOf(HttpContext context) => context.RequestServices.GetRequiredService<IAccess>();

    private static RegistryRights RightsOf(HttpContext context) =>
        context.RequestServices.GetRequiredService<RegistryRights>();

    private async ValueTask<RegistryToken?> TokenOfAsync(HttpContext context)
    {
        var header = context.Request.Headers.Authorization.ToString();
        const string Bearer = "Bearer ";
        if (settings.TokenAuthDisabled || !header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        return await tokens.VerifyAsync(
                header[Bearer.Length..].Trim(),
                context.Request.Host.Value ?? "",
                context.RequestAborted
            ) ?? throw Unauthorized(context, scope: null, "invalid_token");
    }

    private RegistryError Refused(HttpContext context, Caller? caller, string? scope) =>
        caller is null ? Unauthorized(context, scope, error: null) : RegistryError.Denied();

    private RegistryError Unauthorized(HttpContext context, string? scope, string? error) =>
        new("UNAUTHORIZED", "Authentication is needed.", 401)
        {
            Challenge = Challenge(settings, context.Request, scope, error),
        };

    /// <summary>Tells clients where tokens come from.</summary>
    public static string Challenge(TokenSettings settings, HttpRequest request, string? scope, string? error)
    {
        if (settings.TokenAuthDisabled)
        {
            return "Basic realm=\"registry\"";
        }

        var challenge = $"Bearer realm=\"{settings.RealmOf(request)}\",service=\"{request.Host}\"";
        challenge += scope is null ? "" : $",scope=\"{scope}\"";
        return challenge + (error is null ? "" : $",error=\"{error}\"");
    }

    /// <summary>Null for what no header can carry: it is no name of a repository, and nobody needs a token for it.</summary>
    private static string? Scope(string name, string actions) =>
        name.All(c => c is > ' ' and < '\u007f' and not ('"' or '\\')) ? $"repository:{name}:{actions}" : null;
}
