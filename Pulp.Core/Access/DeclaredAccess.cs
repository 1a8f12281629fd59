using Pulp.Core.Platform.Http;

namespace Pulp.Core.Access;

/// <summary>What a plugin's policy says by itself, without roles: statements that hold for everybody, or for whoever signs in.</summary>
internal static class DeclaredAccess
{
    /// <summary>Whether the policy lets the caller; null is nobody.</summary>
    public static bool Admits(AccessRule.Policy rule, Caller? caller)
    {
        // What of a scoped kind somebody finds takes permissions, which only administrators have so far.
        if (
            rule.Kind?.PolicyNamed(rule.Name) is not { } policy
            || (policy.IsScoped && (rule.Target is Target.Object or Target.Parent || rule.Action == "list"))
        )
        {
            return false;
        }

        var matching = policy.Statements.Where(s => IsAbout(s, rule.Action) && IsFor(s, caller)).ToList();
        return matching.Exists(s => s is { Denies: false, Conditions: [], Expressions: [] })
            && !matching.Exists(s => s.Denies);
    }

    private static bool IsAbout(AccessStatement statement, string action) =>
        statement.Actions.Contains(action) || statement.Actions.Contains("*");

    // Groups aren't known yet: a statement that denies them something is taken to mean whoever signed in.
    private static bool IsFor(AccessStatement statement, Caller? caller) =>
        statement.Principals.Any(principal =>
            principal switch
            {
                "*" => true,
                "authenticated" => caller is not null,
                "anonymous" => caller is null,
                "admin" => caller is { IsSuperuser: true },
                _ => statement.Denies && caller is not null,
            }
        );
}
