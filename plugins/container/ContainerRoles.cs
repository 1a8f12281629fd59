using Pulp.PluginSdk.Access;
using Pulp.PluginSdk.Plugin;

namespace PulpContainer;

/// <summary>The roles that give permissions on images.</summary>
internal static class ContainerRoles
{
    private static readonly string[] OnContent =
    [
        "container.delete_containerrepository_versions",
        "container.sync_containerrepository",
        "container.modify_content_containerrepository",
        "container.build_image_containerrepository",
    ];

    public static void AddRoles(this IPluginBuilder plugin)
    {
        AddFor(plugin, "containerremote");
        AddFor(plugin, "containerpullthroughremote");
        AddFor(plugin, "containerrepository", [.. OnContent]);
        Add(plugin, "containerrepository_viewer", "container.view_containerrepository");
        Add(plugin, "containerrepository_content_manager", ["container.view_containerrepository", .. OnContent]);
        Add(plugin, "containerremote_viewer", "container.view_containerremote");
        Add(plugin, "containerpullthroughremote_viewer", "container.view_containerpullthroughremote");
        AddForDistributions(plugin);
        AddForNamespaces(plugin);
    }

    private static void AddForDistributions(IPluginBuilder plugin)
    {
        const string Pull = "container.pull_containerdistribution";
        const string Push = "container.push_containerdistribution";
        const string View = "container.view_containerdistribution";
        AddFor(plugin, "containerdistribution", Pull, Push);
        Add(plugin, "containerdistribution_collaborator", View, Pull, Push);
        Add(plugin, "containerdistribution_consumer", View, Pull);

        const string PullNew = "container.pull_new_containerdistribution";
        const string ViewThrough = "container.view_containerpullthroughdistribution";
        AddFor(plugin, "containerpullthroughdistribution", PullNew);
        Add(plugin, "containerpullthroughdistribution_collaborator", ViewThrough, PullNew);
        Add(plugin, "containerpullthroughdistribution_consumer", ViewThrough, PullNew);
    }

    private static void AddForNamespaces(IPluginBuilder plugin)
    {
        const string View = "container.view_containernamespace";
        Add(plugin, "containernamespace_creator", "container.add_containernamespace");
        Add(
            plugin,
            "containernamespace_owner",
            [
                View,
                "container.delete_containernamespace",
                "container.manage_roles_containernamespace",
                .. ContainerRights.NamespacePermissions,
            ]
        );
        Add(plugin, "containernamespace_collaborator", [View, .. ContainerRights.NamespacePermissions]);
        Add(
            plugin,
            "containernamespace_consumer",
            View,
            "container.namespace_view_containerdistribution",
            "container.namespace_pull_containerdistribution",
            "container.namespace_view_containerpushrepository"
        );
    }

    /// <summary>Who adds, and who owns.</summary>
    private static void AddFor(IPluginBuilder plugin, string model, params string[] more)
    {
        Add(plugin, $"{model}_creator", $"container.add_{model}");
        Add(
            plugin,
            $"{model}_owner",
            [
                $"container.view_{model}",
                $"container.change_{model}",
                $"container.delete_{model}",
                $"container.manage_roles_{model}",
                .. more,
            ]
        );
    }

    private static void Add(IPluginBuilder plugin, string name, params string[] permissions) =>
        plugin.Role(new Role { Name = $"container.{name}", Permissions = permissions });
}
