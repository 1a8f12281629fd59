using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Pulp.Core.Platform.Data;
using Pulp.Core.Platform.Settings;
using Pulp.Host.Commands;

namespace Pulp.Host.Tls;

/// <summary>A certificate for trying out, made once and kept in the data directory.</summary>
internal static class SelfSignedCertificate
{
    private const int ValidDays = 730;

    /// <summary>What clients are given to trust; without the key.</summary>
    public static string PublicPath(PulpSettings settings) => Path.Combine(settings.DataDir, "tls", "certificate.pem");

    /// <summary>The path of the certificate with its key, which only the owner may read. One that has expired is replaced.</summary>
    /// <exception cref="StartFault">It can't be kept there.</exception>
    public static string Ensure(PulpSettings settings, DateTimeOffset now)
    {
        var path = Path.Combine(settings.DataDir, "tls", "self-signed.pem");
        try
        {
            Directory.CreateDirectory(
                Path.Combine(settings.DataDir, "tls"),
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
            );
            if (!IsValid(path, now))
            {
                File.Delete(path);

                // Both in one file, which is there whole or not at all; when another process was faster, its own counts.
                PrivateFiles.TryCreate(path, Make(settings, now));
            }

            using var certificate = X509CertificateLoader.LoadCertificateFromFile(path);
            File.Delete(PublicPath(settings));
            PrivateFiles.TryCreate(PublicPath(settings), certificate.ExportCertificatePem());
            return path;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw StartFault.Of("TLS_SELF_SIGNED", error);
        }
    }

    private static bool IsValid(string path, DateTimeOffset now)
    {
        if (!File.Exists(path))
        {
            return false;
        }

        try
        {
            using var certificate = X509CertificateLoader.LoadCertificateFromFile(path);
            return certificate.NotAfter.ToUniversalTime() > now.UtcDateTime;
        }
        catch (CryptographicException)
        {
            return false; // Damaged: it is made again.
        }
    }

    private static string Make(PulpSettings settings, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Pulp self-signed", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        foreach (var name in Names(settings).Distinct(StringComparer.OrdinalIgnoreCase))
        {
            if (IPAddress.TryParse(name, out var address))
            {
                names.AddIpAddress(address);
            }
            else
            {
                names.AddDnsName(name);
            }
        }

        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(ValidDays));
        return certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem();
    }

    private static IEnumerable<string> Names(PulpSettings settings) =>
        settings
            .Listen.Select(url => BindingAddress.Parse(url).Host.Trim('[', ']'))
            .Where(host => host is not ("*" or "+" or "0.0.0.0" or "::"))
            .Concat(["localhost", Dns.GetHostName(), "127.0.0.1", "::1"]);
}
