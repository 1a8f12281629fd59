namespace Pulp.Core.Users;

/// <summary>An account. Its key is a number, as on every Pulp.</summary>
internal sealed record User
{
    [Field("Id.", ReadOnly = true)]
    public long Id { get; init; }

    [Field(
        "Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.",
        MaxLength = 150,
        Unique = true,
        Filter = Lookups.Exact | Lookups.Contains | Lookups.IContains | Lookups.IExact | Lookups.In
    )]
    public required string Username { get; init; }

    [Field("Users without a password can't sign in with one.", WriteOnly = true)]
    public string? Password { get; init; }

    [Field(
        "First name.",
        MaxLength = 150,
        AllowBlank = true,
        Filter = Lookups.Exact | Lookups.Contains | Lookups.IContains | Lookups.IExact | Lookups.In
    )]
    public string FirstName { get; init; } = "";

    [Field(
        "Last name.",
        MaxLength = 150,
        AllowBlank = true,
        Filter = Lookups.Exact | Lookups.Contains | Lookups.IContains | Lookups.IExact | Lookups.In
    )]
    public string LastName { get; init; } = "";

    [Field(
        "Email address.",
        MaxLength = 254,
        AllowBlank = true,
        Filter = Lookups.Exact | Lookups.Contains | Lookups.IContains | Lookups.IExact | Lookups.In
    )]
    public string Email { get; init; } = "";

    [Field("Whether the user may sign in to the administration site.", Filter = Lookups.Exact)]
    public bool IsStaff { get; init; }

    [Field("Whether the account may be used.", Filter = Lookups.Exact)]
    public bool IsActive { get; init; } = true;

    [Field("Whether every permission is held.", Internal = true)]
    public bool IsSuperuser { get; init; }

    [Field("Date joined.", ReadOnly = true)]
    public DateTimeOffset DateJoined { get; init; }

    [Field("Last sign-in.", Internal = true)]
    public DateTimeOffset? LastLogin { get; init; }
}
