using System.Globalization;
using System.Security.Cryptography;

namespace Pulp.Core.Users;

/// <summary>Passwords as PBKDF2-SHA256 in Django's text form, so that accounts can be carried over.</summary>
internal static class PasswordHash
{
    private const string Algorithm = "pbkdf2_sha256";
    private const int Iterations = 600_000;

    /// <summary>What an account without a password holds: nothing matches it.</summary>
    public const string Unusable = "!";

    public static string Make(string password)
    {
        var salt = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        return $"{Algorithm}${Iterations}${salt}${Derive(password, salt, Iterations)}";
    }

    public static bool Matches(string password, string stored)
    {
        var parts = stored.Split('$');
        return parts.Length == 4
            && parts[0] == Algorithm
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var iterations)
            && CryptographicOperations.FixedTimeEquals(
                System.Text.Encoding.ASCII.GetBytes(Derive(password, parts[2], iterations)),
                System.Text.Encoding.ASCII.GetBytes(parts[3])
            );
    }

    private static string Derive(string password, string salt, int iterations) =>
        Convert.ToBase64String(
            Rfc2898DeriveBytes.Pbkdf2(
                password,
                System.Text.Encoding.UTF8.GetBytes(salt),
                iterations,
                HashAlgorithmName.SHA256,
                outputLength: 32
            )
        );
}
