using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using PulpPython.Metadata;
using PulpPython.Names;
using PulpPython.Packages;

namespace PulpPython.Attestations;

/// <summary>One attestation (PEP 740): a signed statement about a file, with the certificate of who signed it.</summary>
internal sealed class Attestation
{
    private const string StatementType = "https://in-toto.io/Statement/v1";

    private static readonly string[] Predicates =
    [
        "https://docs.pypi.org/attestations/publish/v1",
        "https://slsa.dev/provenance/v1",
    ];

    private readonly byte[] _statement;
    private readonly byte[] _signature;
    private readonly byte[] _certificate;
    private readonly JsonElement _entry;

    private Attestation(byte[] statement, byte[] signature, byte[] certificate, JsonElement entry) =>
        (_statement, _signature, _certificate, _entry) = (statement, signature, certificate, entry);

    /// <summary>Reads one.</summary>
    /// <exception cref="AttestationException">It has another form.</exception>
    public static Attestation Read(JsonElement json)
    {
        if (Member(json, "version", JsonValueKind.Number).GetRawText() != "1")
        {
            throw new AttestationException("its version is not 1");
        }

        var material = Member(json, "verification_material", JsonValueKind.Object);
        var envelope = Member(json, "envelope", JsonValueKind.Object);
        var entries = Member(material, "transparency_entries", JsonValueKind.Array);
        if (entries.GetArrayLength() == 0 || entries[0].ValueKind != JsonValueKind.Object)
        {
            throw new AttestationException("it has no entry of a transparency log");
        }

        return new Attestation(
            Bytes(envelope, "statement"),
            Bytes(envelope, "signature"),
            Bytes(material, "certificate"),
            entries[0]
        );
    }

    /// <summary>
    /// Whether it is about this file, signed with its certificate's key while that was valid, and in the log that it names, as far as
    /// that can be told without asking anybody.
    /// </summary>
    /// <exception cref="AttestationException">It isn't.</exception>
    public void Verify(PackageName package)
    {
        CheckStatement(package);
        using var certificate = Certificate();
        CheckSignature(certificate);
        TransparencyEntry.Read(_entry).Verify(_statement, _signature, certificate);
    }

    private void CheckStatement(PackageName package)
    {
        var statement = Parse(_statement);
        if (Member(statement, "_type", JsonValueKind.String).GetString() != StatementType)
        {
            throw new AttestationException("its statement is of another type than in-toto's");
        }

        var predicate = Member(statement, "predicateType", JsonValueKind.String).GetString();
        if (!Predicates.Contains(predicate))
        {
            throw new AttestationException("its predicate is of a type that isn't known");
        }

        var subjects = Member(statement, "subject", JsonValueKind.Array);
        if (subjects.GetArrayLength() != 1)
        {
            throw new AttestationException("its statement is not about exactly one file");
        }

        var name = Member(subjects[0], "name", JsonValueKind.String).GetString() ?? "";
        if (!IsSameFile(name, package.Filename))
        {
            throw new AttestationException("its statement is about a file of another name");
        }

        var digest = Member(Member(subjects[0], "digest", JsonValueKind.Object), "sha256", JsonValueKind.String);
        if (!string.Equals(digest.GetString(), package.Sha256, StringComparison.OrdinalIgnoreCase))
        {
            throw new AttestationException("its statement is about a file of another digest");
        }
    }

    /// <summary>Names of packages may be spelled in several ways.</summary>
    private static bool IsSameFile(string one, string other) =>
        one == other
        || (
            PackageFilename.TryParse(one, out var left)
            && PackageFilename.TryParse(other, out var right)
            && Normal(left) == Normal(right)
        );

    private static PackageFilename Normal(PackageFilename name) =>
        name with
        {
            Project = ProjectName.Normalize(name.Project),
            Version = VersionKey.Of(name.Version),
        };

    private X509Certificate2 Certificate()
    {
        try
        {
            return X509CertificateLoader.LoadCertificate(_certificate);
        }
        catch (CryptographicException)
        {
            throw new AttestationException("its certificate can't be read");
        }
    }

    /// <summary>The signature is on the statement in its envelope (DSSE).</summary>
    private void CheckSignature(X509Certificate2 certificate)
    {
        using var key =
            certificate.GetECDsaPublicKey()
            ?? throw new AttestationException("its certificate has another kind of key");
        byte[] signed =
        [
            .. "DSSEv1 28 application/vnd.in-toto+json "u8,
            .. System.Text.Encoding.ASCII.GetBytes($"{_statement.Length} "),
            .. _statement,
        ];
        if (!key.VerifyData(signed, _signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence))
        {
            throw new AttestationException("its signature doesn't fit its certificate");
        }
    }

    private static JsonElement Parse(byte[] json)
    {
        try
        {
            using var document = JsonDocument.Parse(json).WithReadableTexts();
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            throw new AttestationException("its statement is no JSON");
        }
    }

    /// <summary>A member of a kind.</summary>
    public static JsonElement Member(JsonElement json, string name, JsonValueKind kind) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind == kind
            ? value
            : throw new AttestationException($"it lacks {name}");

    /// <summary>A member's bytes.</summary>
    public static byte[] Bytes(JsonElement json, string name) =>
        Member(json, name, JsonValueKind.String).TryGetBytesFromBase64(out var bytes)
            ? bytes
            : throw new AttestationException($"its {name} is no base64");
}

/// <summary>What is wrong with an attestation.</summary>
/// <param name="message">Half a sentence.</param>
internal sealed class AttestationException(string message) : Exception(message);
