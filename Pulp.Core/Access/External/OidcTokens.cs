using System.Security.Claims;
using System.Text.RegularExpressions;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Pulp.Core.Platform.Settings;
using Pulp.Core.Users;

namespace Pulp.Core.Access.External;

/// <summary>Signs in by tokens of issuers that the settings name: of people, and of jobs of CI systems.</summary>
internal sealed class OidcTokens : IDisposable
{
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(1);

    /// <summary>Public keys alone: with a symmetric one whoever may check tokens could make them.</summary>
    private static readonly string[] Algorithms =
    [
        .. "RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512".Split(' '),
    ];

    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false };
    private readonly Dictionary<string, (OidcProvider Provider, OidcKeys Keys)> _providers;
    private readonly ExternalAccounts _accounts;
    private readonly ExternalGroups _groups;
    private readonly KnownCredentials _known;
    private readonly GuessLimits _limits;
    private readonly TimeProvider _clock;

    public OidcTokens(
        PulpSettings settings,
        ExternalAccounts accounts,
        ExternalGroups groups,
        KnownCredentials known,
        GuessLimits limits,
        TimeProvider clock,
        ILogger<OidcTokens> logger
    )
    {
        (_accounts, _groups, _known, _limits, _clock) = (accounts, groups, known, limits, clock);
        _providers = OidcProvider
            .Parse(settings.OidcProviders, [])
            .ToDictionary(p => p.Issuer, p => (p, new OidcKeys(p, clock, logger)), StringComparer.Ordinal);
    }

    /// <summary>What became of a token; null for one that is nobody's here, which somebody else may know.</summary>
    public async Task<SignInOutcome?> TryAsync(string text, string address, CancellationToken cancellationToken)
    {
        if (
            _providers.Count == 0
            || !_handler.CanReadToken(text)
            || Read(text) is not { } token
            || !_providers.TryGetValue(token.Issuer, out var issuer)
        )
        {
            return null;
        }

        var name = _known.NameOf("oidc", text);
        var changes = _known.Changes;
        if (_known.Recall(name) is { } caller)
        {
            return new SignInOutcome.Accepted(caller);
        }

        var wait = _limits.Wait(address, account: "");
        if (wait > TimeSpan.Zero)
        {
            return new SignInOutcome.Later(wait);
        }

        if (await AccountAsync(token, issuer.Provider, issuer.Keys, cancellationToken) is not { } found)
        {
            _limits.Failed(address, account: name);
            return new SignInOutcome.Refused();
        }

        // As a token of our own: what it makes would live on when it has ended.
        var until = new DateTimeOffset(token.ValidTo, TimeSpan.Zero) + Skew;
        return new SignInOutcome.Accepted(_known.Remember(name, found with { TokenId = Guid.Empty }, changes, until));
    }

    private JsonWebToken? Read(string text)
    {
        try
        {
            return _handler.ReadJsonWebToken(text);
        }
        catch (Exception error) when (error is ArgumentException or SecurityTokenException)
        {
            return null; // It only looks like one.
        }
    }

    private async Task<Caller?> AccountAsync(
        JsonWebToken token,
        OidcProvider provider,
        OidcKeys keys,
        CancellationToken cancellationToken
    )
    {
        var validated = await _handler.ValidateTokenAsync(
            token,
            new TokenValidationParameters
            {
                ValidIssuer = provider.Issuer,
                ValidAudience = provider.Audience,
                IssuerSigningKeys = await keys.FindAsync(
                    token.Kid is { Length: > 0 } id ? id : null,
                    cancellationToken
                ),
                ValidAlgorithms = Algorithms,
                RequireExpirationTime = true,
                RequireSignedTokens = true,
                LifetimeValidator = (from, until, _, _) => IsInTime(from, until),
            }
        );
        return validated.IsValid ? await AccountAsync(token, provider, cancellationToken) : null;
    }

    private bool IsInTime(DateTime? from, DateTime? until)
    {
        var now = _clock.GetUtcNow().UtcDateTime;
        return until is { } end && now < end + Skew && (from is not { } begin || begin <= now + Skew);
    }

    private async Task<Caller?> AccountAsync(
        JsonWebToken token,
        OidcProvider provider,
        CancellationToken cancellationToken
    )
    {
        if (provider.Rules.FirstOrDefault(rule => Fits(rule, token)) is { } fitting)
        {
            return await _accounts.FindAsync(fitting.User, create: false, cancellationToken);
        }

        if (provider.UsernameClaim.Length == 0 || TextOf(token, provider.UsernameClaim) is not { } username)
        {
            return null;
        }

        // Who may choose a name over there could choose an administrator's: only a rule leads to one.
        var caller = await _accounts.FindAsync(username, provider.Create, cancellationToken);
        if (caller is null or { IsSuperuser: true })
        {
            return null;
        }

        if (provider.GroupsClaim.Length > 0)
        {
            await _groups.FollowAsync(
                caller.Id,
                $"oidc {provider.Issuer}",
                TextsOf(token, provider.GroupsClaim),
                provider.Groups,
                cancellationToken
            );
        }

        return caller;
    }

    private static bool Fits(OidcRule rule, JsonWebToken token) =>
        rule.Claims.All(claim => TextOf(token, claim.Key) is { } value && Fits(claim.Value, value));

    private static bool Fits(string pattern, string value) =>
        Regex.IsMatch(
            value,
            $"^{Regex.Escape(pattern).Replace("\\*\\*", ".*", StringComparison.Ordinal).Replace("\\*", "[^/]*", StringComparison.Ordinal)}\\z",
            RegexOptions.NonBacktracking | RegexOptions.Singleline
        );

    /// <summary>A claim that is one text; of a list nobody knows which one counts.</summary>
    private static string? TextOf(JsonWebToken token, string claim) =>
        token.TryGetPayloadValue<object>(claim, out var value) && value is string text ? text : null;

    /// <summary>A claim that is a list of texts, or one text; what else stands in it is left out.</summary>
    private static IEnumerable<string> TextsOf(JsonWebToken token, string claim) =>
        token.Claims.Where(c => c.Type == claim && c.ValueType == ClaimValueTypes.String).Select(c => c.Value);

    public void Dispose()
    {
        foreach (var (_, keys) in _providers.Values)
        {
            keys.Dispose();
        }
    }
}
