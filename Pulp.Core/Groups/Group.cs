namespace Pulp.Core.Groups;

/// <summary>A group of users. Its key is a number, as on every Pulp.</summary>
internal sealed record Group
{
    [Field("Id.", ReadOnly = true, Filter = Lookups.Exact | Lookups.In)]
    public long Id { get; init; }

    [Field(
        "Name.",
        MaxLength = 150,
        Unique = true,
        Filter = Lookups.Exact | Lookups.Contains | Lookups.IContains | Lookups.IExact | Lookups.In
    )]
    public required string Name { get; init; }
}

/// <summary>A user as a member of a group: the key is the user's.</summary>
internal sealed record GroupUser
{
    [Field("The user.", Internal = true)]
    public long UserId { get; init; }

    [Field("The group.", Internal = true)]
    public long GroupId { get; init; }
}
