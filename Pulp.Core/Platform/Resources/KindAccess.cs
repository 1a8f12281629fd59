using Pulp.PluginSdk.Plugin;

namespace Pulp.Core.Platform.Resources;

/// <summary>What the operations of a kind ask the gate.</summary>
internal static class KindAccess
{
    /// <summary>
    /// The rule of an action on the kind: Pulp's standard permission for its word, and the object of the path, but for those that
    /// have none.
    /// </summary>
    public static Http.AccessRule.Policy Rule(this ResourceKind kind, string action, string? permission = null) =>
        new(
            kind.PolicyName,
            action,
            action is "list" or "create" or "upload" or "purge" ? Http.Target.Kind : Http.Target.Object,
            kind,
            kind.Permission(permission ?? StandardPermission(action))
        );

    private static string StandardPermission(string action) =>
        action switch
        {
            "list" or "retrieve" => "view",
            "create" => "add",
            "update" or "partial_update" or "set_label" or "unset_label" => "change",
            "destroy" => "delete",
            _ => action,
        };

    /// <summary>What a plugin says of the policy of a name: the kind's or that of its versions.</summary>
    public static AccessPolicy? PolicyNamed(this ResourceKind kind, string name) =>
        name == kind.PolicyName ? kind.Policy
        : name == kind.VersionPolicyName ? kind.VersionPolicy
        : null;
}
