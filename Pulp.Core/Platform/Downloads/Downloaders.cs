using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Pulp.Core.Platform.Settings;
using Pulp.Core.Platform.Storage;

namespace Pulp.Core.Platform.Downloads;

/// <summary>Makes downloaders; one HTTP handler for each remote as it is configured.</summary>
internal sealed class Downloaders(
    FileStorage storage,
    PulpSettings settings,
    IUpstreamAuthorizations authorizations,
    TimeProvider clock
)
{
    /// <exception cref="UpstreamException">The remote's certificates can't be used.</exception>
    public Downloader For(Remote remote) => For(remote, longestWait: TimeSpan.MaxValue);

    /// <summary>One that gives up when the upstream asks for a longer pause.</summary>
    /// <exception cref="UpstreamException">The remote's certificates can't be used.</exception>
    public Downloader For(Remote remote, TimeSpan longestWait)
    {
        var connecting = RemoteLimits.Seconds(remote.SockConnectTimeout ?? remote.ConnectTimeout, 60);
        var handler = new SocketsHttpHandler
        {
            MaxConnectionsPerServer = RemoteLimits.Connections(remote),
            ConnectTimeout = connecting,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            AutomaticDecompression = DecompressionMethods.None,
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = remote.ProxyUrl is not null,
            SslOptions = Tls(remote),
        };
        if (remote.ProxyUrl is { } proxy)
        {
            handler.Proxy = new WebProxy(new Uri(proxy))
            {
                Credentials = remote.ProxyUsername is { } user
                    ? new NetworkCredential(user, remote.ProxyPassword)
                    : null,
            };
        }

#pragma warning disable RS0030 // This is where the downloader's client is made.
        var client = new HttpClient(handler, disposeHandler: true)
        {
            // Until the answer begins; the silences behind that are the body's to count.
            Timeout = connecting + RemoteLimits.SilenceAllowed(remote),
        };
#pragma warning restore RS0030
        client.DefaultRequestHeaders.UserAgent.ParseAdd(
            "pulp/" + (typeof(Downloaders).Assembly.GetName().Version?.ToString(3) ?? "0")
        );
        var upstream = new UpstreamClient(
            client,
            Uri.TryCreate(remote.Url, UriKind.Absolute, out var home) && home.Scheme is "http" or "https" ? home : null,
            [.. Headers(remote)],
            authorizations.For(remote) is { } authorization ? new UpstreamAuthorizer(remote, authorization) : null,
            new RequestRate(remote.RateLimit, clock)
        );
        return new Downloader(remote, upstream, storage, settings.AllowedImportPaths, longestWait, clock);
    }

    /// <summary>Headers of the user's and credentials: what is sent to the remote alone.</summary>
    private static IEnumerable<(string Name, string Value)> Headers(Remote remote)
    {
        if (remote.Username is { } name)
        {
            var token = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{name}:{remote.Password}"));
            yield return ("Authorization", $"Basic {token}");
        }

        if (remote.Headers is null)
        {
            yield break;
        }

        using var list = JsonDocument.Parse(remote.Headers);
        foreach (var header in list.RootElement.EnumerateArray().SelectMany(e => e.EnumerateObject()))
        {
            yield return (header.Name, header.Value.ToString());
        }
    }

    private static SslClientAuthenticationOptions Tls(Remote remote)
    {
        var options = new SslClientAuthenticationOptions();
        if (!remote.TlsValidation)
        {
#pragma warning disable CA5359 // The user asked for it, remote by remote.
            options.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
        }
        else if (remote.CaCert is { } ca)
        {
            var trusted = new X509Certificate2Collection();
            trusted.ImportFromPem(ca);
            options.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(trusted);
        }

        if (remote.ClientCert is { } certificate)
        {
            try
            {
                options.ClientCertificates =
                [
                    remote.ClientKey is { } key
                        ? X509Certificate2.CreateFromPem(certificate, key)
                        : X509Certificate2.CreateFromPem(certificate, certificate),
                ];
            }
            catch (Exception error)
                when (error is ArgumentException or System.Security.Cryptography.CryptographicException)
            {
                throw new UpstreamException(
                    $"The client certificate of remote '{remote.Name}' doesn't fit its key.",
                    error
                );
            }
        }

        return options;
    }
}
