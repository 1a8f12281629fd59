using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Pulp.Core.Platform.Settings;
using Pulp.Core.Platform.Storage;

namespace Pulp.Core.Platform.Downloads;

/// <summary>Makes downloaders; one HTTP handler for each remote as it is configured.</summary>
internal sealed class Downloaders(FileStorage storage, PulpSettings settings, TimeProvider clock)
{
    /// <exception cref="UpstreamException">The remote's certificates can't be used.</exception>
    public Downloader For(Remote remote)
    {
        var handler = new SocketsHttpHandler
        {
            MaxConnectionsPerServer = Downloader.Connections(remote),
            ConnectTimeout = Downloader.Seconds(remote.SockConnectTimeout ?? remote.ConnectTimeout, 60),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            AutomaticDecompression = DecompressionMethods.None,
            MaxAutomaticRedirections = 10,
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
            Timeout = Downloader.Seconds(remote.ConnectTimeout, 100),
        };
#pragma warning restore RS0030
        client.DefaultRequestHeaders.UserAgent.ParseAdd(
            "pulp/" + (typeof(Downloaders).Assembly.GetName().Version?.ToString(3) ?? "0")
        );
        if (remote.Username is { } name)
        {
            var token = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{name}:{remote.Password}"));
            client.DefaultRequestHeaders.Authorization = new("Basic", token);
        }

        foreach (var (key, value) in Headers(remote))
        {
            client.DefaultRequestHeaders.TryAddWithoutValidation(key, value);
        }

        return new Downloader(remote, client, storage, settings.AllowedImportPaths, clock);
    }

    private static IEnumerable<(string Key, string Value)> Headers(Remote remote)
    {
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
