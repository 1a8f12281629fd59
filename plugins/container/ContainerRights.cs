using Pulp.PluginSdk.Access;
using Pulp.PluginSdk.Plugin;

namespace PulpContainer;

/// <summary>Who may do what with images, where that isn't the standard.</summary>
internal static class ContainerRights
{
    public static IReadOnlyList<string> NamespacePermissions { get; } =
    [
        .. new[] { "add", "delete", "view", "pull", "push", "change" }.Select(verb =>
            $"container.namespace_{verb}_containerdistribution"
        ),
        .. new[] { "view", "modify_content", "change" }.Select(verb =>
            $"container.namespace_{verb}_containerpushrepository"
        ),
        .. new[] { "view", "modify_content", "change" }.Select(verb =>
            $"container.namespace_{verb}_containerrepository"
        ),
    ];

    public static AccessPolicy Content { get; } =
        Policy(
            May(["list", "retrieve"]),
            May(["set_label", "unset_label"], "has_model_or_domain_perms:core.manage_content_labels")
        );

    public static AccessPolicy Repositories { get; } =
        Policy(
            May(
                ["sync"],
                Here("sync_containerrepository"),
                "has_remote_param_model_or_domain_or_obj_perms:container.view_containerremote",
                Here("view_containerrepository")
            )
        );

    public static AccessPolicy Versions { get; } =
        Policy(
            May(
                ["destroy"],
                OnRepository("delete_containerrepository_versions"),
                OnRepository("view_containerrepository")
            ),
            May(["destroy"], OnRepository("delete_containerrepository"), OnRepository("view_containerrepository")),
            May(["repair"], OnRepository("sync_containerrepository"), OnRepository("view_containerrepository"))
        );

    public static AccessPolicy PushRepositories { get; } =
        Policy([
            .. Either(["retrieve"], "namespace_view_containerpushrepository", "view_containerdistribution"),
            .. Either(
                ["update", "partial_update", "set_label", "unset_label"],
                "namespace_change_containerpushrepository",
                "change_containerdistribution"
            ),
            May(
                ["tag", "untag", "remove_image", "sign", "remove_signatures"],
                "has_namespace_obj_perms:container.namespace_modify_content_containerpushrepository"
            ),
        ]);

    public static AccessPolicy PushVersions { get; } =
        Policy([.. Either(["list", "retrieve"], "namespace_view_containerdistribution", "view_containerdistribution")]);

    /// <summary>Pulling and pushing are asked about by the registry.</summary>
    public static AccessPolicy Distributions { get; } =
        Policy([
            May(["list", "my_permissions", "catalog"]),
            .. Created("containerdistribution"),
            May(["retrieve"]) with
            {
                Expressions = ["not is_private"],
            },
            .. Written("containerdistribution"),
            new AccessStatement
            {
                Actions = ["pull"],
                Principals = ["*"],
                Expressions = ["not is_private"],
            },
            May(["pull"], NamespaceOr("pull_containerdistribution")),
            May(["push"], NamespaceOr("push_containerdistribution"), "obj_exists"),
            May(["push"], NamespaceOr("add_containerdistribution"), NamespaceOr("push_containerdistribution")),
            May(["pull_new_content"], "has_namespace_obj_perms:container.namespace_modify_content_containerrepository"),
        ]) with
        {
            OtherActions = ["pull", "push", "catalog", "pull_new_content"],
        };

    public static AccessPolicy PullThroughDistributions { get; } =
        Policy([
            .. Created("containerpullthroughdistribution"),
            May(["retrieve"], Here("view_containerpullthroughdistribution")),
            May(["pull_new_distribution"], Here("pull_new_containerdistribution")),
        ]) with
        {
            IsScoped = false,
            OtherActions = ["pull_new_distribution"],
        };

    /// <summary>Everybody signed in knows which namespaces there are; whose it is may fill it.</summary>
    public static AccessPolicy Namespaces { get; } =
        Policy(
            May(["list"]),
            May(["create"], Anywhere("add_containernamespace")),
            May(["create"]) with
            {
                Expressions = ["namespace_is_username"],
            },
            May(["create_distribution"], Here("namespace_add_containerdistribution")),
            May(["view_distribution"], Here("namespace_view_containerdistribution"))
        ) with
        {
            OtherActions = ["create_distribution", "view_distribution"],
        };

    private static AccessStatement[] Created(string model) =>
        [
            May(["create"], Anywhere("add_containernamespace")),
            May(["create"], $"has_namespace_perms:container.add_{model}"),
            May(["create"]) with
            {
                Expressions = ["namespace_is_username"],
            },
        ];

    private static AccessStatement[] Written(string model) =>
        [
            May(["retrieve"], NamespaceOr($"view_{model}")),
            May(
                ["update", "partial_update", "set_label", "unset_label"],
                NamespaceOr($"change_{model}"),
                NamespaceOr($"view_{model}")
            ),
            May(["destroy"], NamespaceOr($"delete_{model}"), NamespaceOr($"view_{model}")),
        ];

    private static AccessStatement[] Either(string[] actions, string ofNamespace, string ofDistribution) =>
        [
            May(actions, $"has_namespace_obj_perms:container.{ofNamespace}"),
            May(actions, $"has_distribution_perms:container.{ofDistribution}"),
        ];

    private static AccessPolicy Policy(params AccessStatement[] statements) => new() { Statements = statements };

    private static AccessStatement May(string[] actions, params string[] conditions) =>
        new() { Actions = actions, Conditions = conditions };

    private static string Anywhere(string codename) => $"has_model_or_domain_perms:container.{codename}";

    private static string Here(string codename) => $"has_model_or_domain_or_obj_perms:container.{codename}";

    private static string OnRepository(string codename) =>
        $"has_repository_model_or_domain_or_obj_perms:container.{codename}";

    private static string NamespaceOr(string codename) => $"has_namespace_or_obj_perms:container.{codename}";
}
