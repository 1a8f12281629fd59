using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Pulp.PluginSdk.Files;

namespace PulpContainer.Names;

/// <summary>A digest as the OCI image specification writes it: the algorithm, a colon and small hex digits.</summary>
/// <param name="Algorithm"><c>sha256</c> or <c>sha512</c>, the two registered ones.</param>
/// <param name="Hex">The digits.</param>
internal readonly record struct Digest(string Algorithm, string Hex)
{
    public const string Sha256 = "sha256";
    public const string Sha512 = "sha512";

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    public bool IsSha256 => Algorithm == Sha256;

    /// <summary>What a file with this digest must turn out to be.</summary>
    public FileExpectation Expected =>
        IsSha256
            ? new FileExpectation { Sha256 = Hex }
            : new FileExpectation
            {
                OtherDigests = new Dictionary<string, string>(StringComparer.Ordinal) { [Algorithm] = Hex },
            };

    /// <summary>False for what is no digest, and for algorithms that aren't registered.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Digest digest)
    {
        digest = default;
        var colon = text?.IndexOf(':', StringComparison.Ordinal) ?? -1;
        if (text is null || colon < 0)
        {
            return false;
        }

        var (algorithm, hex) = (text[..colon], text[(colon + 1)..]);
        var length = algorithm switch
        {
            Sha256 => 64,
            Sha512 => 128,
            _ => -1,
        };
        if (hex.Length != length || !IsHex(hex))
        {
            return false;
        }

        digest = new Digest(algorithm, hex);
        return true;
    }

    public static bool IsHex(ReadOnlySpan<char> text) => !text.ContainsAnyExcept(HexDigits);

    /// <summary>The digest of bytes.</summary>
    public static Digest Of(ReadOnlySpan<byte> bytes, string algorithm = Sha256) =>
        new(algorithm, Convert.ToHexStringLower(algorithm == Sha512 ? SHA512.HashData(bytes) : SHA256.HashData(bytes)));

    public override string ToString() => $"{Algorithm}:{Hex}";
}
