using Pulp.Core.Platform.Http;
using static Pulp.PluginSdk.Access.AccessConditions;

namespace Pulp.Core.Rights;

/// <summary>What an action needs where its kind says nothing else.</summary>
internal static class StandardStatement
{
    /// <summary>The conditions under which whoever is signed in may do it.</summary>
    public static string[] Conditions(AccessRule.Policy rule)
    {
        var kind = rule.Kind ?? throw new InvalidOperationException($"The policy {rule.Name} has no kind.");
        var (view, asked) = (kind.Permission("view"), rule.Permission ?? "");
        return rule switch
        {
            { Action: "list", Target: not Target.Parent } or { Action: "my_permissions" } => [],
            { Target: Target.Kind } => [Anywhere(asked)],
            { Target: Target.Parent } => Both(OnItsRepository(asked), OnItsRepository(view)),
            { Action: "list_roles" or "add_role" or "remove_role" } => [Here(asked)],
            _ => Both(Here(asked), Here(view)),
        };
    }

    private static string[] Both(string one, string other) => one == other ? [one] : [one, other];
}
