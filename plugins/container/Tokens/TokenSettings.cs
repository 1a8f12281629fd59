using Microsoft.AspNetCore.Http;

namespace PulpContainer.Tokens;

/// <summary>Settings of the token service, under Pulp's own names: <c>TOKEN_SERVER</c>, <c>TOKEN_EXPIRATION_TIME</c> and so on.</summary>
internal sealed class TokenSettings
{
    /// <summary>Address of the token service as clients reach it; empty for where the request came to.</summary>
    public string TokenServer { get; set; } = "";

    /// <summary>Seconds for which a token is good.</summary>
    public long TokenExpirationTime { get; set; } = 300;

    /// <summary>Names and passwords instead of tokens.</summary>
    public bool TokenAuthDisabled { get; set; }

    /// <summary>The realm, which is also who issues tokens.</summary>
    public string RealmOf(HttpRequest request) =>
        TokenServer.Length > 0 ? TokenServer : $"{request.Scheme}://{request.Host}/token/";
}
