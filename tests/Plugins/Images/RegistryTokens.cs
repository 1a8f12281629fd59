using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.RegularExpressions;
using Pulp.PluginSdk.Upstreams;

namespace Pulp.TestPlugins.Images;

/// <summary>A registry answers 401 and says who gives tokens; a token is good for the registry until it isn't any more.</summary>
internal sealed partial class RegistryTokens : UpstreamAuthorization
{
    private readonly ConcurrentDictionary<string, string> _tokens = new(StringComparer.Ordinal);

    public override async ValueTask<AuthenticationHeaderValue?> AuthorizeAsync(
        UpstreamAttempt attempt,
        CancellationToken cancellationToken
    )
    {
        var registry = attempt.Url.Authority;
        if (attempt.Challenges.FirstOrDefault(c => c.Scheme == "Bearer") is { Parameter: { } asked })
        {
            var answer = await attempt.GetTextAsync(TokenRequest(asked, Basic(attempt.Remote)), cancellationToken);
            using var json = JsonDocument.Parse(answer);
            _tokens[registry] = json.RootElement.GetProperty("token").GetString() ?? "";
        }

        return _tokens.TryGetValue(registry, out var token) ? new("Bearer", token) : null;
    }

    private static UpstreamRequest TokenRequest(string asked, AuthenticationHeaderValue? login)
    {
        var parts = Parts().Matches(asked).ToDictionary(m => m.Groups["name"].Value, m => m.Groups["value"].Value);
        return new UpstreamRequest($"{parts["realm"]}?service={Uri.EscapeDataString(parts["service"])}")
        {
            Headers = login is null ? null : new Dictionary<string, string> { ["Authorization"] = login.ToString() },
        };
    }

    [GeneratedRegex("(?<name>[a-z]+)=\"(?<value>[^\"]*)\"")]
    private static partial Regex Parts();
}
