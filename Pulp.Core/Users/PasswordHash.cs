using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Pulp.Core.Users;

/// <summary>Passwords as PBKDF2-SHA256 in Django's text form, so that accounts can be carried over.</summary>
internal static class PasswordHash
{
    private const string Algorithm = "pbkdf2_sha256";

    /// <summary>How much work a hash is.</summary>
    public const int Iterations = 600_000;

    /// <summary>What an account without a password holds: nothing matches it.</summary>
    public const string Unusable = "!";

    public static string Make(string password)
    {
        var salt = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        return $"{Algorithm}${Iterations}${salt}${Convert.ToBase64String(Derive(password, salt, Iterations))}";
    }

    /// <summary>
    /// Whether the password is the stored one. It is as much work where nothing is stored (no such account, no password) or
    /// where less work was stored, so that the time doesn't tell which accounts there are.
    /// </summary>
    /// <returns>With the work that was done, in iterations.</returns>
    public static (bool Fits, int Work) Check(string password, string? stored)
    {
        var readable = TryParse(stored ?? Unusable, out var iterations, out var salt, out var hash);
        if (!readable)
        {
            Derive(password, "nobody", Iterations);
            return (false, Iterations);
        }

        var fits = CryptographicOperations.FixedTimeEquals(
            Encoding.ASCII.GetBytes(Convert.ToBase64String(Derive(password, salt, iterations))),
            Encoding.ASCII.GetBytes(hash)
        );
        if (iterations < Iterations)
        {
            Derive(password, salt, Iterations - iterations);
        }

        return (fits, Math.Max(iterations, Iterations));
    }

    private static bool TryParse(string stored, out int iterations, out string salt, out string hash)
    {
        var parts = stored.Split('$');
        iterations = 0;
        (salt, hash) = parts.Length == 4 ? (parts[2], parts[3]) : ("", "");
        return parts.Length == 4
            && parts[0] == Algorithm
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out iterations)
            && iterations > 0;
    }

    private static byte[] Derive(string password, string salt, int iterations) =>
        Rfc2898DeriveBytes.Pbkdf2(
            password,
            Encoding.UTF8.GetBytes(salt),
            iterations,
            HashAlgorithmName.SHA256,
            outputLength: 32
        );
}
