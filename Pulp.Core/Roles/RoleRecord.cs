namespace Pulp.Core.Roles;

/// <summary>A role as its API shows it.</summary>
internal sealed record RoleRecord : PulpResource
{
    [Field("The name of this role.", Unique = true, Filter = Lookups.Text)]
    public required string Name { get; init; }

    [Field("An optional description.", Filter = Lookups.Exact | Lookups.Contains | Lookups.IContains | Lookups.IExact)]
    public string? Description { get; init; }

    [Field("List of permissions defining the role.", Json = JsonShape.ListOfStrings, NotSortable = true)]
    public required string Permissions { get; init; }

    [Field("True if the role is system managed.", ReadOnly = true, Filter = Lookups.Exact)]
    public bool Locked { get; init; }
}
