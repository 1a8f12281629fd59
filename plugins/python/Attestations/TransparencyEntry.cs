using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using PulpPython.Metadata;

namespace PulpPython.Attestations;

/// <summary>Where a transparency log has a signature: what it says of it, and the proof that it is in the log's tree (RFC 6962).</summary>
internal sealed class TransparencyEntry
{
    private const int LongestProof = 64;
    private readonly JsonElement _json;
    private readonly byte[] _body;

    private TransparencyEntry(JsonElement json, byte[] body) => (_json, _body) = (json, body);

    /// <exception cref="AttestationException">It has another form.</exception>
    public static TransparencyEntry Read(JsonElement json) => new(json, Attestation.Bytes(json, "canonicalizedBody"));

    /// <exception cref="AttestationException">It is an entry of something else, or its proof is wrong.</exception>
    public void Verify(byte[] statement, byte[] signature, X509Certificate2 certificate)
    {
        CheckTime(certificate);
        CheckBody(statement, signature, certificate);
        CheckProof();
    }

    /// <summary>Such certificates are valid for minutes: what counts is when the log got the signature.</summary>
    private void CheckTime(X509Certificate2 certificate)
    {
        var moment = DateTimeOffset
            .FromUnixTimeSeconds(
                Math.Clamp(Number(_json, "integratedTime"), 0, DateTimeOffset.MaxValue.ToUnixTimeSeconds())
            )
            .UtcDateTime;
        if (moment < certificate.NotBefore.ToUniversalTime() || moment > certificate.NotAfter.ToUniversalTime())
        {
            throw new AttestationException("its certificate was not valid when it was signed");
        }
    }

    private void CheckBody(byte[] statement, byte[] signature, X509Certificate2 certificate)
    {
        using var document = Parse(_body);
        var spec = Attestation.Member(document.RootElement, "spec", JsonValueKind.Object);
        var hash = Attestation.Member(
            Attestation.Member(spec, "payloadHash", JsonValueKind.Object),
            "value",
            JsonValueKind.String
        );
        if (hash.GetString() != Convert.ToHexStringLower(SHA256.HashData(statement)))
        {
            throw new AttestationException("the log's entry is about another statement");
        }

        var signatures = Attestation.Member(spec, "signatures", JsonValueKind.Array);
        if (signatures.GetArrayLength() != 1 || !Attestation.Bytes(signatures[0], "signature").SequenceEqual(signature))
        {
            throw new AttestationException("the log's entry has another signature");
        }

        var verifier = System.Text.Encoding.ASCII.GetString(Attestation.Bytes(signatures[0], "verifier"));
        if (!IsSame(verifier, certificate))
        {
            throw new AttestationException("the log's entry has another certificate");
        }
    }

    private static bool IsSame(string pem, X509Certificate2 certificate)
    {
        try
        {
            using var other = X509Certificate2.CreateFromPem(pem);
            return other.RawDataMemory.Span.SequenceEqual(certificate.RawDataMemory.Span);
        }
        catch (CryptographicException)
        {
            return false; // It holds something else.
        }
    }

    /// <summary>From the entry's hash and those beside its way up to the hash of the whole tree.</summary>
    private void CheckProof()
    {
        var proof = Attestation.Member(_json, "inclusionProof", JsonValueKind.Object);
        var (index, size) = (Number(proof, "logIndex"), Number(proof, "treeSize"));
        var hashes = Attestation.Member(proof, "hashes", JsonValueKind.Array);
        if (index < 0 || index >= size || hashes.GetArrayLength() > LongestProof)
        {
            throw new AttestationException("its proof of inclusion makes no sense");
        }

        var hash = SHA256.HashData([0, .. _body]);
        var last = size - 1;
        foreach (var beside in hashes.EnumerateArray().Select(Hash))
        {
            if (index % 2 == 1 || index == last)
            {
                hash = SHA256.HashData([1, .. beside, .. hash]);
                while (index % 2 == 0 && index != 0)
                {
                    (index, last) = (index / 2, last / 2);
                }
            }
            else
            {
                hash = SHA256.HashData([1, .. hash, .. beside]);
            }

            (index, last) = (index / 2, last / 2);
        }

        var root = Attestation.Bytes(proof, "rootHash");
        if (last != 0 || !hash.SequenceEqual(root) || !IsOfCheckpoint(proof, size, root))
        {
            throw new AttestationException("its proof of inclusion is wrong");
        }
    }

    /// <summary>The log's own note of its tree: a name, its size and its hash, and below an empty line who signed that.</summary>
    private static bool IsOfCheckpoint(JsonElement proof, long size, byte[] root)
    {
        var note = Attestation
            .Member(Attestation.Member(proof, "checkpoint", JsonValueKind.Object), "envelope", JsonValueKind.String)
            .GetString();
        return (note ?? "").Split('\n') is [_, var noted, var hash, ..]
            && noted == size.ToString(CultureInfo.InvariantCulture)
            && hash == Convert.ToBase64String(root);
    }

    private static byte[] Hash(JsonElement json) =>
        json.ValueKind == JsonValueKind.String && json.TryGetBytesFromBase64(out var bytes)
            ? bytes
            : throw new AttestationException("its proof of inclusion has no hashes");

    /// <summary>Numbers of 64 bits are texts in such JSON.</summary>
    private static long Number(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value)
        && long.TryParse(value.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new AttestationException($"it lacks {name}");

    private static JsonDocument Parse(byte[] json)
    {
        try
        {
            return JsonDocument.Parse(json).WithReadableTexts();
        }
        catch (JsonException)
        {
            throw new AttestationException("the log's entry is no JSON");
        }
    }
}
