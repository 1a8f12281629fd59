using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace PulpPython.Tests;

/// <summary>Attestations (PEP 740) that tests sign themselves, with a log of one entry.</summary>
public static class TestAttestation
{
    public static string Of(TestPackage package)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = new CertificateRequest("CN=test", key, HashAlgorithmName.SHA256).CreateSelfSigned(
            now.AddMinutes(-5),
            now.AddMinutes(5)
        );
        var statement = JsonSerializer.SerializeToUtf8Bytes(
            new
            {
                _type = "https://in-toto.io/Statement/v1",
                subject = new[] { new { name = package.Filename, digest = new { sha256 = package.Sha256 } } },
                predicateType = "https://docs.pypi.org/attestations/publish/v1",
                predicate = (string?)null,
            }
        );
        byte[] signed =
        [
            .. Encoding.ASCII.GetBytes($"DSSEv1 28 application/vnd.in-toto+json {statement.Length} "),
            .. statement,
        ];
        var signature = key.SignData(signed, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        return JsonSerializer.Serialize(
            new
            {
                version = 1,
                verification_material = new
                {
                    certificate = certificate.RawData,
                    transparency_entries = new[] { Entry(statement, signature, certificate, now) },
                },
                envelope = new { statement, signature },
            }
        );
    }

    private static object Entry(byte[] statement, byte[] signature, X509Certificate2 certificate, DateTimeOffset now)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(
            new
            {
                apiVersion = "0.0.1",
                kind = "dsse",
                spec = new
                {
                    payloadHash = new
                    {
                        algorithm = "sha256",
                        value = Convert.ToHexStringLower(SHA256.HashData(statement)),
                    },
                    signatures = new[]
                    {
                        new { signature, verifier = Encoding.ASCII.GetBytes(certificate.ExportCertificatePem()) },
                    },
                },
            }
        );
        var root = Convert.ToBase64String(SHA256.HashData([0, .. body]));
        return new
        {
            integratedTime = $"{now.ToUnixTimeSeconds()}",
            inclusionProof = new
            {
                logIndex = "0",
                treeSize = "1",
                rootHash = root,
                hashes = Array.Empty<string>(),
                checkpoint = new { envelope = $"log.test\n1\n{root}\n\n— log.test x\n" },
            },
            canonicalizedBody = body,
        };
    }
}
