using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text.Json;
using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Models;
using Pulp.PluginSdk.Upstreams;
using PulpContainer.Images;
using PulpContainer.Registry;

namespace PulpContainer.Upstreams;

/// <summary>
/// Signs in to registries as their 401 asks for it: by tokens of a token service, which are kept by scope and renewed before they end, or
/// by name and password. Where the registry's challenge is known already, no request is refused first.
/// </summary>
internal sealed class RegistryAuthorization(TimeProvider clock) : UpstreamAuthorization, IDisposable
{
    /// <summary>What a token is good for where the service doesn't say it ("defaults to 60 seconds").</summary>
    private static readonly TimeSpan UsualLife = TimeSpan.FromSeconds(60);

    private const int MostTokens = 1000;

    private readonly ConcurrentDictionary<string, Token> _tokens = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _turn = new(1);
    private volatile BearerChallenge? _known;

    public override async ValueTask<AuthenticationHeaderValue?> AuthorizeAsync(
        UpstreamAttempt attempt,
        CancellationToken cancellationToken
    )
    {
        var refused = attempt.Challenges.Count > 0;
        if (refused)
        {
            _known = BearerChallenge.Find(attempt.Challenges);
        }

        if (_known is not { } challenge)
        {
            // The remote's own go along anyway: after a refusal they are no news.
            return null;
        }

        var scope = ScopeOf(attempt.Url) ?? challenge.Scope;
        var token = await TokenAsync(attempt, challenge, scope, refused, cancellationToken);
        return new AuthenticationHeaderValue("Bearer", token);
    }

    public void Dispose() => _turn.Dispose();

    /// <summary>Null for what belongs to no repository.</summary>
    private static string? ScopeOf(Uri url)
    {
        const string Mount = "/v2/";
        var path = Uri.UnescapeDataString(url.AbsolutePath);
        return
            path.StartsWith(Mount, StringComparison.Ordinal)
            && RegistryPath.Parse(path[Mount.Length..]) is { Name.Length: > 0 } found
            ? $"repository:{found.Name}:pull"
            : null;
    }

    private async Task<string> TokenAsync(
        UpstreamAttempt attempt,
        BearerChallenge challenge,
        string? scope,
        bool refused,
        CancellationToken cancellationToken
    )
    {
        var key = scope ?? "";
        var asked = clock.GetUtcNow();
        if (!refused && _tokens.TryGetValue(key, out var known) && known.GoodUntil > asked)
        {
            return known.Text;
        }

        // One asks, and the others who wait for the same have its answer.
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (
                _tokens.TryGetValue(key, out known)
                && known.GoodUntil > clock.GetUtcNow()
                && (!refused || known.GotAt >= asked)
            )
            {
                return known.Text;
            }

            if (_tokens.Count >= MostTokens)
            {
                _tokens.Clear();
            }

            return (_tokens[key] = await AskAsync(attempt, challenge, scope, cancellationToken)).Text;
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<Token> AskAsync(
        UpstreamAttempt attempt,
        BearerChallenge challenge,
        string? scope,
        CancellationToken cancellationToken
    )
    {
        var credentials = Basic(attempt.Remote);
        if (credentials is not null && attempt.Url.Scheme == "https" && challenge.Realm.Scheme != "https")
        {
            throw new UpstreamException(
                $"The registry wants the password to be sent without TLS, to {challenge.Realm.Host}: it isn't."
            );
        }

        var request = new UpstreamRequest(challenge.UrlFor(scope))
        {
            Accept = ["application/json"],
            Headers = credentials is null
                ? null
                : new Dictionary<string, string>(StringComparer.Ordinal) { ["Authorization"] = credentials.ToString() },
        };
        return Read(await attempt.GetTextAsync(request, cancellationToken), challenge.Realm);
    }

    private Token Read(string body, Uri realm)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            var root = json.RootElement;
            var text = root.Text("token") is { Length: > 0 } token ? token : root.Text("access_token");
            if (!string.IsNullOrEmpty(text) && !text.Any(char.IsControl))
            {
                var life =
                    root.Member("expires_in").TryGetInt64Safe(out var seconds) && seconds > 0
                        ? TimeSpan.FromSeconds(Math.Min(seconds, 24 * 60 * 60))
                        : UsualLife;
                var now = clock.GetUtcNow();
                // A request takes a while to arrive, and clocks differ.
                return new Token(text, now, now + (life * 0.8));
            }
        }
        catch (JsonException)
        {
            // Told below, as any other body that holds no token.
        }

        throw new UpstreamException($"The token service {realm.Host} answered without a token.");
    }

    private sealed record Token(string Text, DateTimeOffset GotAt, DateTimeOffset GoodUntil);
}
