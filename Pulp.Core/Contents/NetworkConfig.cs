using System.Text.Json;
using Pulp.Core.Platform.Resources;

namespace Pulp.Core.Contents;

/// <summary>A remote made of a request's network settings, for one download.</summary>
internal static class NetworkConfig
{
    public static Remote ToRemote(string url, string? config)
    {
        var given = config is null
            ? new Settings()
            : JsonSerializer.Deserialize<Settings>(config, WireJson.Options) ?? new Settings();
        return new OneOff
        {
            Name = "downloader_config",
            Url = url,
            CaCert = given.CaCert,
            ClientCert = given.ClientCert,
            ClientKey = given.ClientKey,
            TlsValidation = given.TlsValidation ?? true,
            ProxyUrl = given.ProxyUrl,
            ProxyUsername = given.ProxyUsername,
            ProxyPassword = given.ProxyPassword,
            Username = given.Username,
            Password = given.Password,
            MaxRetries = given.MaxRetries,
            TotalTimeout = given.TotalTimeout,
            ConnectTimeout = given.ConnectTimeout,
            SockConnectTimeout = given.SockConnectTimeout,
            SockReadTimeout = given.SockReadTimeout,
            Headers = given.Headers?.GetRawText(),
            RateLimit = given.RateLimit,
        };
    }

    private sealed record OneOff : Remote;

    private sealed record Settings
    {
        public string? CaCert { get; init; }

        public string? ClientCert { get; init; }

        public string? ClientKey { get; init; }

        public bool? TlsValidation { get; init; }

        public string? ProxyUrl { get; init; }

        public string? ProxyUsername { get; init; }

        public string? ProxyPassword { get; init; }

        public string? Username { get; init; }

        public string? Password { get; init; }

        public long? MaxRetries { get; init; }

        public double? TotalTimeout { get; init; }

        public double? ConnectTimeout { get; init; }

        public double? SockConnectTimeout { get; init; }

        public double? SockReadTimeout { get; init; }

        public JsonElement? Headers { get; init; }

        public long? RateLimit { get; init; }
    }
}
