using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Pulp.Core.Guards;

/// <summary>
/// Signs links and checks them, as Pulp does: <c>?expires=SECONDS&amp;validate_token=SALT:DIGEST</c>, where the digest is the SHA-256
/// of salt, path, question mark, the query up to and including <c>expires</c>, and the guard's secret.
/// </summary>
internal sealed class SignedLinks(TimeProvider clock)
{
    public const string Expired = "Authentication expired";
    public const string Unsigned = "Access not authenticated";
    private const string Expires = "expires=";
    private const string Token = "&validate_token=";
    private const int SaltBytes = 32;
    private const int LongestSalt = 64;

    public static string NewSecret() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));

    /// <param name="guard">Whose secret signs it.</param>
    /// <param name="path">The decoded path.</param>
    /// <param name="until">When it ends.</param>
    /// <returns>Path and query, escaped.</returns>
    public string Sign(ContentRedirectContentGuard guard, string path, DateTimeOffset until)
    {
        var query = string.Create(CultureInfo.InvariantCulture, $"{Expires}{until.ToUnixTimeSeconds()}");
        var escaped = Escape(path);
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        var digest = Digest(guard, salt, escaped, query);
        return $"{escaped}?{query}{Token}{Convert.ToHexStringLower(salt)}:{Convert.ToHexStringLower(digest)}";
    }

    /// <summary>What is wrong with a link; null where it lets in.</summary>
    /// <param name="guard">Whose secret signed it.</param>
    /// <param name="path">The decoded path.</param>
    /// <param name="query">The query as it was sent, with its question mark.</param>
    public string? Fault(ContentRedirectContentGuard guard, string path, string query)
    {
        // Who signs puts the end of the link's life last: what stands behind the signature counts for nothing.
        var token = query.IndexOf(Token, StringComparison.Ordinal);
        var signed = token > 0 ? query[1..token] : "";
        var expires = signed.LastIndexOf(Expires, StringComparison.Ordinal);
        if (
            expires < 0
            || (expires > 0 && signed[expires - 1] != '&')
            || !long.TryParse(
                signed.AsSpan(expires + Expires.Length),
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out var until
            )
        )
        {
            return Unsigned;
        }

        if (clock.GetUtcNow().ToUnixTimeSeconds() > until)
        {
            return Expired;
        }

        return
            TryRead(query[(token + Token.Length)..], out var salt, out var digest)
            && CryptographicOperations.FixedTimeEquals(digest, Digest(guard, salt, Escape(path), signed))
            ? null
            : Unsigned;
    }

    private static bool TryRead(string text, out byte[] salt, out byte[] digest)
    {
        (salt, digest) = ([], []);
        var parts = Uri.UnescapeDataString(text.Split('&')[0]).Split(':');
        if (
            parts.Length != 2
            || parts[0].Length > 2 * LongestSalt
            || parts[1].Length != 2 * SHA256.HashSizeInBytes
            || parts[0].Length % 2 != 0
            || !parts.All(p => p.All(char.IsAsciiHexDigit))
        )
        {
            return false;
        }

        (salt, digest) = (Convert.FromHexString(parts[0]), Convert.FromHexString(parts[1]));
        return true;
    }

    private static byte[] Digest(ContentRedirectContentGuard guard, byte[] salt, string path, string query) =>
        SHA256.HashData([
            .. salt,
            .. Encoding.UTF8.GetBytes($"{path}?{query}"),
            .. Convert.FromHexString(guard.SharedSecret),
        ]);

    /// <summary>The one spelling of a path that is signed, however a client spells it.</summary>
    private static string Escape(string path)
    {
        var text = new StringBuilder(path.Length + 16);
        foreach (var b in Encoding.UTF8.GetBytes(path))
        {
            var c = (char)b;
            if (char.IsAsciiLetterOrDigit(c) || "-._~:/[]@!$&'()*+,;=".Contains(c, StringComparison.Ordinal))
            {
                text.Append(c);
            }
            else
            {
                text.Append('%').Append(b.ToString("X2", CultureInfo.InvariantCulture));
            }
        }

        return text.ToString();
    }
}
