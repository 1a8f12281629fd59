using Pulp.PluginSdk.Fields;

namespace Pulp.PluginSdk.Models;

/// <summary>When the files of a remote are downloaded.</summary>
public static class DownloadPolicies
{
    /// <summary>During the sync.</summary>
    public const string Immediate = "immediate";

    /// <summary>When a client first asks; then kept.</summary>
    public const string OnDemand = "on_demand";

    /// <summary>Whenever a client asks; never kept.</summary>
    public const string Streamed = "streamed";
}

/// <summary>An upstream: where it is, how to reach it and how gently.</summary>
public abstract record Remote : MasterResource
{
    /// <summary>Unique name.</summary>
    [Field("A unique name for this remote.", Filter = Lookups.Text, Unique = true)]
    public required string Name { get; init; }

    /// <summary>Where the upstream is.</summary>
    [Field("The URL of an external content source.")]
    public required string Url { get; init; }

    /// <summary>Labels as JSON.</summary>
    [Field("Labels.", Json = JsonShape.Labels)]
    public string PulpLabels { get; init; } = "{}";

    /// <summary>One of <see cref="DownloadPolicies"/>.</summary>
    [Field(
        "When files are downloaded: with the sync, at the first request, or at each request without keeping them.",
        Choices = [DownloadPolicies.Immediate, DownloadPolicies.OnDemand, DownloadPolicies.Streamed]
    )]
    public string Policy { get; init; } = DownloadPolicies.Immediate;

    /// <summary>PEM.</summary>
    [Field("A PEM encoded CA certificate used to validate the server.")]
    public string? CaCert { get; init; }

    /// <summary>PEM.</summary>
    [Field("A PEM encoded client certificate used for authentication.")]
    public string? ClientCert { get; init; }

    /// <summary>PEM.</summary>
    [Field("A PEM encoded private key used for authentication.", Secret = true)]
    public string? ClientKey { get; init; }

    /// <summary>Whether the server's certificate is checked.</summary>
    [Field("If true, the server's certificate is validated.")]
    public bool TlsValidation { get; init; } = true;

    /// <summary>Proxy, without credentials.</summary>
    [Field("The proxy URL. Format: scheme://host:port")]
    public string? ProxyUrl { get; init; }

    /// <summary>Proxy user.</summary>
    [Field("The username to authenticate to the proxy.", Secret = true)]
    public string? ProxyUsername { get; init; }

    /// <summary>Proxy password.</summary>
    [Field("The password to authenticate to the proxy.", Secret = true)]
    public string? ProxyPassword { get; init; }

    /// <summary>Upstream user.</summary>
    [Field("The username to be used for authentication.", Secret = true)]
    public string? Username { get; init; }

    /// <summary>Upstream password.</summary>
    [Field("The password to be used for authentication.", Secret = true)]
    public string? Password { get; init; }

    /// <summary>Retries after the first attempt.</summary>
    [Field("Maximum number of retry attempts after a download failure. Defaults to 3.")]
    public long? MaxRetries { get; init; }

    /// <summary>Seconds for one whole transfer.</summary>
    [Field("Seconds a whole download may take. Defaults to no limit.", Minimum = 0)]
    public double? TotalTimeout { get; init; }

    /// <summary>Seconds to get a connection.</summary>
    [Field("Seconds to wait for a connection. Defaults to 60.", Minimum = 0)]
    public double? ConnectTimeout { get; init; }

    /// <summary>Seconds for the TCP connect.</summary>
    [Field("Seconds to wait for the socket to connect.", Minimum = 0)]
    public double? SockConnectTimeout { get; init; }

    /// <summary>Seconds without a byte.</summary>
    [Field("Seconds to wait between two reads. Defaults to 60.", Minimum = 0)]
    public double? SockReadTimeout { get; init; }

    /// <summary>Extra request headers as JSON: a list of objects.</summary>
    [Field("Headers for each request.", Json = JsonShape.ListOfObjects)]
    public string? Headers { get; init; }

    /// <summary>Requests at once.</summary>
    [Field("Total number of simultaneous connections. Defaults to 10.", Minimum = 1)]
    public long? DownloadConcurrency { get; init; }

    /// <summary>Requests a second.</summary>
    [Field("Limits requests per second for each concurrent downloader.")]
    public long? RateLimit { get; init; }
}
