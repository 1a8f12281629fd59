using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pulp.Core.Platform.Settings;

/// <summary>An issuer of tokens (OpenID Connect), and whom its tokens stand for.</summary>
internal sealed record OidcProvider
{
    private static readonly JsonSerializerOptions Reading = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    /// <summary>As tokens name it; its keys are found below it.</summary>
    public required string Issuer { get; init; }

    /// <summary>What tokens have to be for: one made for somebody else's server isn't for this one.</summary>
    public required string Audience { get; init; }

    /// <summary>Where its keys are, where its configuration doesn't say that.</summary>
    public string KeysUrl { get; init; } = "";

    /// <summary>The claim that is the account's name; empty where rules alone say it.</summary>
    public string UsernameClaim { get; init; } = "";

    /// <summary>The claim that names the account's groups; empty leaves groups alone.</summary>
    public string GroupsClaim { get; init; } = "";

    /// <summary>Names of groups here by those in the claim, and no others; empty where they are the same.</summary>
    public IReadOnlyDictionary<string, string> Groups { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether accounts are made for names that come for the first time.</summary>
    public bool Create { get; init; }

    /// <summary>Rules for tokens of programs, such as CI jobs; the first whose claims are all there says the account.</summary>
    public IReadOnlyList<OidcRule> Rules { get; init; } = [];

    /// <summary>The providers of a setting's text; what is wrong with it is added to the faults.</summary>
    public static IReadOnlyList<OidcProvider> Parse(string text, ICollection<string> faults)
    {
        if (text.Length == 0)
        {
            return [];
        }

        try
        {
            var providers = JsonSerializer.Deserialize<List<OidcProvider>>(text, Reading) ?? [];
            foreach (var fault in providers.SelectMany(p => p.Faults()))
            {
                faults.Add($"OIDC_PROVIDERS: {fault}");
            }

            if (providers.DistinctBy(p => p.Issuer).Count() < providers.Count)
            {
                faults.Add("OIDC_PROVIDERS: an issuer stands there twice.");
            }

            return providers;
        }
        catch (JsonException error)
        {
            faults.Add($"OIDC_PROVIDERS: it is not a list of providers: {error.Message}");
            return [];
        }
    }

    private IEnumerable<string> Faults()
    {
        foreach (var url in new[] { Issuer, KeysUrl }.Where(u => u.Length > 0 && !IsSafe(u)))
        {
            yield return $"'{url}' is not an address that begins with https://.";
        }

        if (Issuer.Length == 0 || Audience.Length == 0)
        {
            yield return "a provider needs an issuer and an audience.";
        }

        if (UsernameClaim.Length == 0 && Rules.Count == 0)
        {
            yield return $"{Issuer}: nothing says whom its tokens stand for: give username_claim or rules.";
        }

        if (GroupsClaim.Length > 0 && UsernameClaim.Length == 0)
        {
            yield return $"{Issuer}: groups_claim is for accounts that username_claim names, and there is none.";
        }

        if (Groups.Count > 0 && GroupsClaim.Length == 0)
        {
            yield return $"{Issuer}: groups needs groups_claim.";
        }

        if (Rules.Any(r => r.User.Length == 0 || r.Claims.Count == 0))
        {
            yield return $"{Issuer}: a rule needs a user and at least one claim.";
        }
    }

    /// <summary>Keys that come over an open line are anybody's; on this host there is none.</summary>
    private static bool IsSafe(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback));
}

/// <summary>Tokens with these claims stand for an account.</summary>
internal sealed record OidcRule
{
    /// <summary>The account.</summary>
    public required string User { get; init; }

    /// <summary>The value of each claim; <c>*</c> in it stands for any characters but a slash, <c>**</c> for any.</summary>
    public required IReadOnlyDictionary<string, string> Claims { get; init; }
}
