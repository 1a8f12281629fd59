using PulpContainer.Names;

namespace PulpContainer.Images;

/// <summary>
/// Tags that say by their name which manifest they belong to: <c>sha256-...sig</c> and the like of cosign, and the list of referrers where a
/// registry has none (OCI distribution specification, "Referrers Tag Schema").
/// </summary>
internal static class CompanionTags
{
    /// <summary>"No more than 64 characters" of the digits.</summary>
    private const int MostDigits = 64;

    /// <summary>The beginning of the tags that belong to a manifest; the fallback list of its referrers has this name.</summary>
    public static string PrefixOf(Digest digest) =>
        $"{digest.Algorithm}-{(digest.Hex.Length > MostDigits ? digest.Hex[..MostDigits] : digest.Hex)}";

    public static string SignatureOf(Digest digest) => PrefixOf(digest) + ".sig";

    /// <summary>What <see cref="PrefixOf"/> says of the manifest that a tag belongs to; null for any other tag.</summary>
    public static string? PrefixIn(string tag)
    {
        var prefix = tag.Split('.', 2)[0];
        var dash = prefix.IndexOf('-', StringComparison.Ordinal);
        return
            dash > 0
            && prefix[..dash] is Digest.Sha256 or Digest.Sha512
            && prefix.Length - dash - 1 == MostDigits
            && Digest.IsHex(prefix.AsSpan(dash + 1))
            ? prefix
            : null;
    }
}
