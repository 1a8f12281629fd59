using Microsoft.AspNetCore.Authentication;
using Pulp.Core.Access.External;
using Pulp.Core.Platform.Http;
using Pulp.Core.Users;

namespace Pulp.Core.Access;

/// <summary>
/// Finds out who asks for content, by the same ways to sign in as the API's. Nobody has to prove anything there: whoever fails to
/// is nobody.
/// </summary>
internal sealed class ContentCallers(AccessGate.Schemes schemes, KnownCredentials remembered, ProxyHeaders proxies)
{
    /// <summary>Null for nobody.</summary>
    /// <exception cref="PulpException">Nothing was checked: too many wrong guesses.</exception>
    public async ValueTask<Caller?> FindAsync(HttpContext context)
    {
        // A plugin's route has asked already.
        if (CallerIdentity.CallerOf(context) is { } known)
        {
            return known;
        }

        var headers = context.Request.Headers;
        if (headers.Authorization.Count == 0 && headers.Cookie.Count == 0 && !proxies.AreIn(headers))
        {
            return null;
        }

        // Programs send name and password with each request: what was right is so until an account changes.
        var name = Basic(headers) is { } basic ? remembered.NameOfHeader(basic) : null;
        if (name is not null && remembered.Recall(name) is { } caller)
        {
            return caller;
        }

        var changes = remembered.Changes;
        var found = await AuthenticateAsync(context);
        return name is null || found is null or { TokenId: not null }
            ? found // A token may end any moment, and is remembered by itself.
            : remembered.Remember(name, found, changes);
    }

    private static string? Basic(IHeaderDictionary headers) =>
        headers.Authorization.ToString() is var header
        && header.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase)
            ? header
            : null;

    private async Task<Caller?> AuthenticateAsync(HttpContext context)
    {
        foreach (var scheme in schemes.Names)
        {
            var result = await context.AuthenticateAsync(scheme);
            if (result.Succeeded)
            {
                return (result.Principal.Identity as CallerIdentity)?.Caller;
            }

            if (result.Failure is { } failure)
            {
                return failure is ThrottledException ? throw failure : null;
            }
        }

        return null;
    }
}
