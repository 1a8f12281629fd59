using static Pulp.PluginSdk.Access.AccessConditions;

namespace Pulp.Core.Guards;

/// <summary>Who may do what with the server's own guards.</summary>
internal static class GuardRights
{
    /// <summary>Changing and deleting one doesn't take the right to view it; who makes one that goes by roles may download.</summary>
    public static AccessPolicy Policy<T>()
        where T : ContentGuard
    {
        var model = typeof(T).Name.ToLowerInvariant();
        var policy = AccessPolicy.Of(
            AccessStatement.Allow(["retrieve", "my_permissions"], Here($"core.view_{model}")),
            AccessStatement.Allow(["update", "partial_update"], Here($"core.change_{model}")),
            AccessStatement.Allow(["destroy"], Here($"core.delete_{model}"))
        );
        return typeof(T) != typeof(RBACContentGuard)
            ? policy
            : policy with
            {
                Statements =
                [
                    .. policy.Statements,
                    AccessStatement.Allow([RbacCheck.Action], Here(RbacCheck.Permission)),
                ],
                CreatorRoles = [$"core.{model}_owner", $"core.{model}_downloader"],
                OtherActions = [RbacCheck.Action],
            };
    }
}
