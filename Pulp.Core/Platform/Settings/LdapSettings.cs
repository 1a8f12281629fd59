using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pulp.Core.Platform.Settings;

/// <summary>A directory (LDAP), and how its users are found.</summary>
internal sealed record LdapSettings
{
    /// <summary>Stands for the name in <see cref="UserFilter"/>.</summary>
    public const string Username = "{username}";

    /// <summary>Stands for the user's entry in <see cref="GroupFilter"/>, which may have <see cref="Username"/> too.</summary>
    public const string UserDn = "{dn}";

    private static readonly JsonSerializerOptions Reading = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    /// <summary><c>ldaps://host</c>, or <c>ldap://host</c> with <see cref="StartTls"/>.</summary>
    public required string Url { get; init; }

    public bool StartTls { get; init; }

    /// <summary>Who looks for users; empty for nobody.</summary>
    public string BindDn { get; init; } = "";

    public string BindPassword { get; init; } = "";

    /// <summary>Below which users are.</summary>
    public required string UserBase { get; init; }

    /// <summary>What finds one user.</summary>
    public string UserFilter { get; init; } = $"(uid={Username})";

    /// <summary>Below which groups are; empty leaves groups alone.</summary>
    public string GroupBase { get; init; } = "";

    /// <summary>What finds the groups of a user.</summary>
    public string GroupFilter { get; init; } = $"(member={UserDn})";

    /// <summary>The attribute that names a group.</summary>
    public string GroupAttribute { get; init; } = "cn";

    /// <summary>Names of groups here by those in the directory, and no others; empty where they are the same.</summary>
    public IReadOnlyDictionary<string, string> Groups { get; init; } = new Dictionary<string, string>();

    /// <summary>Null for none; what is wrong is added to the faults.</summary>
    public static LdapSettings? Parse(string text, ICollection<string> faults)
    {
        if (text.Length == 0)
        {
            return null;
        }

        try
        {
            var settings = JsonSerializer.Deserialize<LdapSettings>(text, Reading);
            foreach (var fault in settings?.Faults() ?? ["it is nothing."])
            {
                faults.Add($"LDAP: {fault}");
            }

            return settings;
        }
        catch (JsonException error)
        {
            // Not the message of a whole document: it may hold the password.
            faults.Add($"LDAP: it is not an object of these members, at {error.Path ?? "its beginning"}.");
            return null;
        }
    }

    public Uri Address => new(Url);

    private IEnumerable<string> Faults()
    {
        if (!Uri.TryCreate(Url, UriKind.Absolute, out var uri) || uri.Scheme is not ("ldap" or "ldaps"))
        {
            yield return "url: it doesn't begin with ldaps:// or ldap://.";
        }
        else if (uri is { Scheme: "ldap", IsLoopback: false } && !StartTls)
        {
            yield return "url: passwords would go over an open line; use ldaps:// or start_tls.";
        }

        if (!UserFilter.Contains(Username, StringComparison.Ordinal))
        {
            yield return $"user_filter: it has no {Username}.";
        }

        if (
            !GroupFilter.Contains(UserDn, StringComparison.Ordinal)
            && !GroupFilter.Contains(Username, StringComparison.Ordinal)
        )
        {
            yield return $"group_filter: it has neither {UserDn} nor {Username}.";
        }

        if (Groups.Count > 0 && GroupBase.Length == 0)
        {
            yield return "groups: it needs group_base.";
        }
    }
}
