namespace Pulp.Core.Roles;

/// <summary>A role that a user or a group has.</summary>
internal abstract record Assignment : PulpResource
{
    [Field("The role.", Internal = true)]
    public Guid RoleId { get; init; }

    [Field("Model of the object.", Internal = true)]
    public string ObjectModel { get; init; } = "";

    [Field("The object.", Internal = true)]
    public Guid ObjectId { get; init; }

    [Field("The object's number.", Internal = true)]
    public long ObjectNumber { get; init; }

    [Field("The object's domain.", Internal = true)]
    public Guid ObjectDomain { get; init; }

    [Field("The domain.", Internal = true)]
    public Guid InDomain { get; init; }
}

/// <summary>A role that a user has.</summary>
internal sealed record UserRole : Assignment
{
    [Field("The user.", Internal = true)]
    public long UserId { get; init; }
}

/// <summary>A role that a group has.</summary>
internal sealed record GroupRole : Assignment
{
    [Field("The group.", Internal = true)]
    public long GroupId { get; init; }
}
