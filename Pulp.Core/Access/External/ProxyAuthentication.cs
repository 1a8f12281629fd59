using System.Security.Claims;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Json;
using Pulp.Core.Platform.Settings;
using Pulp.Core.Users;

namespace Pulp.Core.Access.External;

/// <summary>
/// Whom a trusted proxy names in a header, as a name or inside of JSON. From anybody else such headers are as if they weren't there:
/// whoever reaches the server without the proxy can write what they like into them.
/// </summary>
internal sealed class ProxyAuthentication(
    ProxyHeaders headers,
    TrustedProxies proxies,
    ExternalAccounts accounts,
    KnownCredentials known,
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory logger,
    UrlEncoder encoder
) : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string Name = "Proxy";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (!headers.AreIn(Request.Headers) || !proxies.HaveSent(Context))
        {
            return AuthenticateResult.NoResult();
        }

        var (username, fault) = headers.Read(Request.Headers);
        if (fault is not null)
        {
            return AuthenticateResult.Fail(new ForbiddenException(fault));
        }

        if (username is null)
        {
            return AuthenticateResult.NoResult();
        }

        var name = known.NameOf("proxy", username);
        var changes = known.Changes;
        var caller = known.Recall(name);
        if (caller is null && await accounts.FindAsync(username, headers.Create, Context.RequestAborted) is { } found)
        {
            caller = known.Remember(name, found, changes);
        }

        return caller is null
            ? AuthenticateResult.NoResult()
            : AuthenticateResult.Success(
                new AuthenticationTicket(new ClaimsPrincipal(new CallerIdentity(caller, Scheme.Name)), Scheme.Name)
            );
    }
}

/// <summary>The headers in which proxies name users.</summary>
internal sealed class ProxyHeaders(PulpSettings settings)
{
    private readonly string? _user = SignInRules.HeaderOf(settings.RemoteUserEnvironName);
    private readonly string? _json = SignInRules.HeaderOf(settings.AuthenticationJsonHeader);

    private readonly JqFilter? _filter =
        settings.AuthenticationJsonHeader.Length > 0 ? JqFilter.Parse(settings.AuthenticationJsonHeaderJqFilter) : null;

    public bool Create => settings.RemoteUserCreate;

    /// <summary>Whether there are any.</summary>
    public bool Any => _user is not null || _json is not null;

    public bool AreIn(IHeaderDictionary request) =>
        (_user is not null && request.ContainsKey(_user)) || (_json is not null && request.ContainsKey(_json));

    /// <summary>The name, or what is wrong with the header; neither where it names nobody.</summary>
    public (string? Username, string? Fault) Read(IHeaderDictionary request)
    {
        if (_user is not null && request[_user] is [{ Length: > 0 } name])
        {
            return (name, null);
        }

        if (_json is null || request[_json].ToString() is not { Length: > 0 } value)
        {
            return (null, null);
        }

        var bytes = new byte[value.Length];
        if (!Convert.TryFromBase64String(value, bytes, out var length))
        {
            return (null, "Access denied.");
        }

        try
        {
            using var document = JsonDocument.Parse(bytes.AsMemory(0, length));
            return (_filter?.FirstText(document.RootElement) is { Length: > 0 } found ? found : null, null);
        }
        catch (JsonException)
        {
            return (null, "Access denied. Invalid JSON.");
        }
    }
}
