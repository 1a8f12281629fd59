using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace PulpContainer.Tokens;

/// <summary>The first part of a JSON web token (RFC 7515).</summary>
internal sealed record TokenHeader
{
    [JsonPropertyName("typ")]
    public string Type { get; init; } = "JWT";

    [JsonPropertyName("alg")]
    public string Algorithm { get; init; } = "";

    [JsonPropertyName("kid")]
    public string KeyId { get; init; } = "";
}

/// <summary>The second part (RFC 7519, and the registry's <c>access</c>).</summary>
internal sealed record TokenClaims
{
    [JsonPropertyName("access")]
    public IReadOnlyList<TokenScope> Access { get; init; } = [];

    [JsonPropertyName("aud")]
    public string Audience { get; init; } = "";

    [JsonPropertyName("iss")]
    public string Issuer { get; init; } = "";

    [JsonPropertyName("sub")]
    public string Subject { get; init; } = "";

    [JsonPropertyName("jti")]
    public string Id { get; init; } = "";

    [JsonPropertyName("iat")]
    public long IssuedAt { get; init; }

    [JsonPropertyName("nbf")]
    public long NotBefore { get; init; }

    [JsonPropertyName("exp")]
    public long Expires { get; init; }
}

/// <summary>How the parts are written.</summary>
internal static class TokenParts
{
    public static string Write<T>(T value) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(value));

    /// <exception cref="FormatException">It is no base64.</exception>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public static T? Read<T>(string part) => JsonSerializer.Deserialize<T>(Base64Url.DecodeFromChars(part));
}
