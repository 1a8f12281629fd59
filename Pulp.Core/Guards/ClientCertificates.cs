using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Pulp.Core.Platform.Memory;
using Pulp.PluginSdk.Serving;

namespace Pulp.Core.Guards;

/// <summary>
/// Verifies the certificates of clients, which a proxy passes on when it has made sure that the client has the key. A certificate
/// says nothing of who shows it, so that nobody else's word counts. Those that were found good are remembered for a while.
/// </summary>
internal sealed class ClientCertificates(TimeProvider clock)
{
    private const string Header = "X-CLIENT-CERT";
    private const string Begin = "-----BEGIN CERTIFICATE-----";
    private const string End = "-----END CERTIFICATE-----";
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(1);

    private static readonly Outcome None = new(
        null,
        "A client certificate was not received via the `X-CLIENT-CERT` header."
    );

    // A certificate is no secret: it can be its own key, and comparing it takes less than a digest would.
    private const int LongestKept = 8 * 1024;
    private readonly RecentlyUsed<(Guid Guard, string Header), Known> _good = new(capacity: 1_000);

    /// <summary>What became of a request's certificate: the certificate's paths where it is good, otherwise what is wrong.</summary>
    internal sealed record Outcome(GoodCertificate? Good, string Fault);

    private sealed record Known(CertificateGuard Guard, GoodCertificate Certificate, long At);

    public Outcome Verify(CertificateGuard guard, GuardedRequest request)
    {
        var header = request.Headers[Header].ToString();
        if (header.Length == 0 || !request.IsFromTrustedProxy)
        {
            return None;
        }

        var key = (guard.PulpId, header);
        if (
            _good.Find(key) is { } known
            && ReferenceEquals(known.Guard, guard)
            && clock.GetElapsedTime(known.At) < Fresh
            && known.Certificate.NotAfter > clock.GetUtcNow()
        )
        {
            return new Outcome(known.Certificate, "");
        }

        var outcome = Verify(guard, header);
        if (outcome.Good is { } good && header.Length <= LongestKept)
        {
            // Only good ones: whoever makes certificates up doesn't push them out.
            _good.Put(key, new Known(guard, good, clock.GetTimestamp()));
        }

        return outcome;
    }

    private Outcome Verify(CertificateGuard guard, string header)
    {
        try
        {
            using var certificate = X509Certificate2.CreateFromPem(PemOf(header));
            return FaultOf(guard, certificate) is { } fault
                ? new Outcome(null, fault)
                : new Outcome(new GoodCertificate(certificate), "");
        }
        catch (CryptographicException)
        {
            return new Outcome(null, "The client certificate can't be read.");
        }
    }

    private string? FaultOf(CertificateGuard guard, X509Certificate2 certificate)
    {
        var anchors = new X509Certificate2Collection();
        using var chain = new X509Chain();
        try
        {
            anchors.ImportFromPem(guard.CaCertificate);
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.CustomTrustStore.AddRange(anchors);
            chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            chain.ChainPolicy.DisableCertificateDownloads = true;
            chain.ChainPolicy.VerificationTimeIgnored = false;
            chain.ChainPolicy.VerificationTime = clock.GetUtcNow().UtcDateTime;
            return chain.Build(certificate) ? null : FaultOf(chain);
        }
        finally
        {
            foreach (var anchor in anchors)
            {
                anchor.Dispose();
            }

            foreach (var element in chain.ChainElements)
            {
                element.Certificate.Dispose();
            }
        }
    }

    private string FaultOf(X509Chain chain)
    {
        var found = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one.Status);
        const X509ChainStatusFlags foreign =
            X509ChainStatusFlags.PartialChain
            | X509ChainStatusFlags.UntrustedRoot
            | X509ChainStatusFlags.NotSignatureValid;
        if ((found & foreign) != X509ChainStatusFlags.NoError)
        {
            return "Client certificate is not signed by the stored 'ca_certificate'.";
        }

        if (!found.HasFlag(X509ChainStatusFlags.NotTimeValid))
        {
            return $"The client certificate is refused: {found}.";
        }

        var now = clock.GetUtcNow();
        return chain.ChainElements.Any(e => new DateTimeOffset(e.Certificate.NotAfter) < now)
            ? "Client certificate is expired."
            : "The client certificate is not yet valid.";
    }

    /// <summary>A proxy may send it percent-encoded, or in one line with blanks for its line ends.</summary>
    private static string PemOf(string header)
    {
        var text = Uri.UnescapeDataString(header);
        return text.StartsWith(Begin, StringComparison.Ordinal) && !text.Contains('\n', StringComparison.Ordinal)
            ? text.Replace(Begin, Begin + "\n", StringComparison.Ordinal)
                .Replace(End, "\n" + End, StringComparison.Ordinal)
            : text;
    }
}

/// <summary>A certificate that was verified, as far as guards need it.</summary>
internal sealed class GoodCertificate(X509Certificate2 certificate)
{
    public DateTimeOffset NotAfter { get; } = new(certificate.NotAfter);

    /// <summary>The paths that it entitles to; null where it speaks of none that can be read.</summary>
    public EntitledPaths? Paths { get; } = EntitledPaths.Read(certificate);
}
