using System.Globalization;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;

namespace Pulp.Core.Users;

/// <summary>The identity that every authentication scheme answers with.</summary>
internal sealed class CallerIdentity(Caller caller, string scheme)
    : ClaimsIdentity(
        [
            new Claim(ClaimTypes.NameIdentifier, caller.Id.ToString(CultureInfo.InvariantCulture)),
            new Claim(ClaimTypes.Name, caller.Username),
        ],
        scheme
    )
{
    public Caller Caller { get; } = caller;

    public static Caller? CallerOf(HttpContext context) => (context.User.Identity as CallerIdentity)?.Caller;
}

/// <summary>What of an account is needed to sign in.</summary>
internal sealed record AccountRow
{
    public long Id { get; init; }

    public string Username { get; init; } = "";

    public string Password { get; init; } = "";

    public bool IsActive { get; init; }

    public bool IsSuperuser { get; init; }

    public bool IsStaff { get; init; }

    /// <summary>Whether one signs in to it with a password of its own.</summary>
    public bool HasPassword => Password != PasswordHash.Unusable;

    /// <summary>Changes with the password; tells nothing of it.</summary>
    public string Credential => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Password)));

    public Caller ToCaller() =>
        new()
        {
            Id = Id,
            Username = Username,
            IsSuperuser = IsSuperuser,
            IsStaff = IsStaff,
            Credential = Credential,
        };
}
