using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace PulpContainer.Tokens;

/// <summary>Makes and verifies tokens: JSON web tokens, signed by ES256. One that was verified is remembered until it ends.</summary>
internal sealed class RegistryTokens(TokenKeys keys, TokenSettings settings, TimeProvider clock)
{
    private const string Algorithm = "ES256";

    /// <summary>When there are more, all are verified anew.</summary>
    private const int MostRemembered = 10_000;

    /// <summary>A longer one isn't ours.</summary>
    private const int LongestToken = 16 * 1024;

    private readonly ConcurrentDictionary<string, RegistryToken> _verified = new(StringComparer.Ordinal);

    /// <summary>Makes a token.</summary>
    public async Task<string> MakeAsync(
        string subject,
        string service,
        string issuer,
        IReadOnlyList<TokenScope> access,
        CancellationToken cancellationToken
    )
    {
        var key = await keys.SigningAsync(cancellationToken);
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        var header = TokenParts.Write(new TokenHeader { Algorithm = Algorithm, KeyId = key.Id });
        var claims = TokenParts.Write(
            new TokenClaims
            {
                Access = access,
                Audience = service,
                Issuer = issuer,
                Subject = subject,
                Id = Guid.NewGuid().ToString(),
                IssuedAt = now,
                NotBefore = now,
                Expires = now + settings.TokenExpirationTime,
            }
        );
        var signed = $"{header}.{claims}";
        var signature = key.Key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256);
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }

    /// <summary>What a token says; null where it isn't ours, isn't for this registry, or has ended.</summary>
    public async ValueTask<RegistryToken?> VerifyAsync(
        string token,
        string service,
        CancellationToken cancellationToken
    )
    {
        if (!_verified.TryGetValue(token, out var known))
        {
            known = token.Length <= LongestToken ? await ReadAsync(token, cancellationToken) : null;
            if (known is null)
            {
                return null;
            }

            if (_verified.Count >= MostRemembered)
            {
                _verified.Clear();
            }

            _verified[token] = known;
        }

        if (known.ExpiresAt > clock.GetUtcNow())
        {
            return known.Audience == service ? known : null;
        }

        _verified.TryRemove(token, out _);
        return null;
    }

    private async Task<RegistryToken?> ReadAsync(string token, CancellationToken cancellationToken)
    {
        try
        {
            var parts = token.Split('.');
            if (
                parts.Length != 3
                || TokenParts.Read<TokenHeader>(parts[0]) is not { Algorithm: Algorithm } header
                || await keys.FindAsync(header.KeyId, cancellationToken) is not { } key
                || !IsSigned(key, parts)
                || TokenParts.Read<TokenClaims>(parts[1]) is not { } claims
            )
            {
                return null;
            }

            return new RegistryToken
            {
                Subject = claims.Subject,
                Audience = claims.Audience,
                Access = claims.Access,
                ExpiresAt = DateTimeOffset.FromUnixTimeSeconds(claims.Expires),
            };
        }
        catch (Exception error) when (error is FormatException or JsonException or CryptographicException)
        {
            return null; // Anybody may send anything.
        }
    }

    private static bool IsSigned(TokenKey key, string[] parts) =>
        key.Key.VerifyData(
            Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"),
            Base64Url.DecodeFromChars(parts[2]),
            HashAlgorithmName.SHA256
        );
}
