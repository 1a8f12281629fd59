namespace Pulp.Core.Policies;

/// <summary>An access policy as its API shows it.</summary>
internal sealed record AccessPolicyRecord : PulpResource
{
    [Field("List of policy statements.", Json = JsonShape.ListOfObjects)]
    public required string Statements { get; init; }

    [Field("List of callables that define who gets roles on what is created.", Json = JsonShape.Any)]
    public string? CreationHooks { get; init; }

    [Field("The name of what the policy is about.", ReadOnly = true, Filter = Lookups.Text)]
    public string ViewsetName { get; init; } = "";

    [Field("True if the policy has been changed by a user.", ReadOnly = true, Filter = Lookups.Exact)]
    public bool Customized { get; init; }

    [Field("Which objects are found; null for all.", Json = JsonShape.Any)]
    public string? QuerysetScoping { get; init; }
}
