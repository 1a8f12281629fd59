namespace Pulp.PluginSdk.Access;

/// <summary>Who signed in.</summary>
public sealed record Caller
{
    internal Caller() { }

    /// <summary>Of the account; a number, as on every Pulp.</summary>
    public required long Id { get; init; }

    /// <summary>Of the account.</summary>
    public required string Username { get; init; }

    /// <summary>Whether every permission is held.</summary>
    internal bool IsSuperuser { get; init; }

    /// <summary>Whether policies count the account as staff.</summary>
    internal bool IsStaff { get; init; }

    /// <summary>Stands for the password the account had then: a session is good as long as it hasn't changed.</summary>
    internal string Credential { get; init; } = "";

    /// <summary>The token that stands for the account; null where it is the account itself that signed in.</summary>
    internal Guid? TokenId { get; init; }

    /// <summary>Whether somebody signed in by a token that changes nothing, whatever the account may.</summary>
    public bool MayOnlyRead { get; internal init; }
}
