namespace Pulp.Core.Rights;

/// <summary>A statement of a policy, ready to be asked.</summary>
/// <param name="Source">As it was written.</param>
/// <param name="Conditions">All have to hold.</param>
internal sealed record Statement(AccessStatement Source, IReadOnlyList<Condition> Conditions)
{
    public bool ReadsBody { get; } = Conditions.Any(c => c.ReadsBody);

    /// <summary>Whether it speaks of what is asked, and of who asks.</summary>
    /// <remarks>Guards ask for each request: without allocations.</remarks>
    public bool IsAbout(AskedRequest asked, Holder? holder)
    {
        for (var action = 0; action < Source.Actions.Count; action++)
        {
            if (IsAction(Source.Actions[action], asked))
            {
                return IsFor(asked, holder);
            }
        }

        return false;
    }

    private bool IsFor(AskedRequest asked, Holder? holder)
    {
        for (var principal = 0; principal < Source.Principals.Count; principal++)
        {
            if (Is(Source.Principals[principal], asked.Caller, holder))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsAction(string action, AskedRequest asked) =>
        action == asked.Action
        || action == "*"
        || (action == "<safe_methods>" && asked.IsSafe)
        || (
            action.StartsWith("<method:", StringComparison.Ordinal)
            && action.AsSpan(8).TrimEnd('>').Equals(asked.Method, StringComparison.OrdinalIgnoreCase)
        );

    private static bool Is(string principal, Caller? caller, Holder? holder) =>
        principal switch
        {
            "*" => true,
            "anonymous" => caller is null,
            "authenticated" => caller is not null,
            "admin" => caller is { IsSuperuser: true },
            "staff" => caller is { IsStaff: true },
            _ when caller is null => false,
            _ when principal.StartsWith("id:", StringComparison.Ordinal) => principal
                .AsSpan(3)
                .SequenceEqual(caller.Id.ToString(provider: null)),
            _ when principal.StartsWith("group:", StringComparison.Ordinal) => holder?.GroupNames.Contains(
                principal[6..]
            ) == true,
            _ => false,
        };
}
