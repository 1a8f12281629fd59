using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using PulpContainer.Images;
using PulpContainer.Names;

namespace PulpContainer.Signatures;

/// <summary>Simple signatures ("atomic container signature" of containers/image): a signed message that names a manifest's digest.</summary>
internal static class SimpleSignature
{
    /// <summary>What the extension calls the type.</summary>
    public const string Atomic = "atomic";

    /// <summary>As many bytes as one may have.</summary>
    public const int MostBytes = 4 * 1024 * 1024;

    /// <summary>Digits of a signature's digest that its name has.</summary>
    private const int NameDigits = 32;

    /// <summary>The unit of a signature.</summary>
    /// <param name="signature">Its bytes.</param>
    /// <param name="signed">The digest of the manifest that it is said to be of.</param>
    /// <param name="manifest">The manifest.</param>
    /// <exception cref="FormatException">It isn't a signature of that manifest.</exception>
    public static ManifestSignature Read(byte[] signature, Digest signed, Guid manifest)
    {
        if (signature.Length > MostBytes)
        {
            throw new FormatException($"It has more than {MostBytes} bytes.");
        }

        var message = OpenPgpMessage.Read(signature);
        var (contents, keyId) = (message.Contents, message.KeyId);
        if (contents is null || keyId is null)
        {
            throw new FormatException(
                contents is null ? "The message has no contents." : "The message doesn't say who signed it."
            );
        }

        var (creator, said) = ReadContents(contents);
        if (said != signed.ToString())
        {
            throw new FormatException("It is the signature of another manifest.");
        }

        var digest = Convert.ToHexStringLower(SHA256.HashData(signature));
        return new ManifestSignature
        {
            Name = string.Create(CultureInfo.InvariantCulture, $"{signed}@{digest[..NameDigits]}"),
            Digest = $"sha256:{digest}",
            Type = Atomic,
            KeyId = keyId,
            Timestamp = message.Created?.ToUnixTimeSeconds() ?? 0,
            Creator = creator,
            Data = Convert.ToBase64String(signature),
            SignedManifest = manifest,
        };
    }

    /// <summary>Whether bytes are a signature of a manifest.</summary>
    public static bool IsOf(byte[] signature, Digest manifest)
    {
        try
        {
            Read(signature, manifest, Guid.Empty);
            return true;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static (string Creator, string? Digest) ReadContents(byte[] contents)
    {
        try
        {
            using var json = JsonDocument.Parse(contents);
            var critical = json.RootElement.Member("critical");
            return
                critical.Text("type") == "atomic container signature"
                && critical.Member("identity").Text("docker-reference") is not null
                ? (
                    json.RootElement.Member("optional").Text("creator") ?? "",
                    critical.Member("image").Text("docker-manifest-digest")
                )
                : throw new FormatException("What is signed is no atomic container signature.");
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // The second is a text that is no Unicode.
            throw new FormatException("What is signed can't be read.", error);
        }
    }
}
