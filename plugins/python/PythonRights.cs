using Pulp.PluginSdk.Access;
using Pulp.PluginSdk.Plugin;

namespace PulpPython;

/// <summary>Who may do what with packages, where that isn't the standard, and the roles that give it.</summary>
internal static class PythonRights
{
    private const string SeesRemote = "has_remote_param_model_or_domain_or_obj_perms:python.view_pythonremote";
    private const string SeesRepository =
        "has_repo_or_repo_ver_param_model_or_domain_or_obj_perms:python.view_pythonrepository";
    private const string SeesPublication =
        "has_publication_param_model_or_domain_or_obj_perms:python.view_pythonpublication";

    public static AccessPolicy Packages { get; } =
        Policy(
            May(["list", "retrieve"]),
            May(["create"], OnUpload),
            May(["upload"], Anywhere("python.upload_python_packages")),
            May(["set_label", "unset_label"], Anywhere("core.manage_content_labels"))
        );

    public static AccessPolicy Provenance { get; } =
        Policy(
            May(["list", "retrieve"]),
            May(["create"], OnUpload),
            May(["set_label", "unset_label"], Anywhere("core.manage_content_labels"))
        );

    public static AccessPolicy Yanks { get; } =
        Policy(May(["list", "retrieve"]), May(["set_label", "unset_label"], Anywhere("core.manage_content_labels")));

    public static AccessPolicy Repositories { get; } =
        Policy([
            .. Written("pythonrepository", SeesRemote),
            May(["sync"], Here("sync_pythonrepository"), SeesRemote, Here("view_pythonrepository")),
        ]);

    /// <summary>Who may see a repository sees what it doesn't take; who may change its content says that.</summary>
    public static AccessPolicy Blocklist { get; } =
        Policy(
            May(["list", "retrieve"], "has_repository_model_or_domain_or_obj_perms:python.view_pythonrepository"),
            May(
                ["create", "destroy"],
                "has_repository_model_or_domain_or_obj_perms:python.modify_pythonrepository",
                "has_repository_model_or_domain_or_obj_perms:python.view_pythonrepository"
            )
        );

    public static AccessPolicy Versions { get; } =
        Policy(May(["scan"], "has_repository_model_or_domain_or_obj_perms:python.view_pythonrepository"));

    public static AccessPolicy Publications { get; } =
        Policy(May(["create"], Anywhere("python.add_pythonpublication"), SeesRepository));

    public static AccessPolicy Distributions { get; } =
        Policy([.. Written("pythondistribution", SeesRepository, SeesPublication)]);

    private static string[] OnUpload =>
        [
            "has_required_repo_perms_on_upload:python.modify_pythonrepository",
            "has_required_repo_perms_on_upload:python.view_pythonrepository",
            "has_upload_param_model_or_domain_or_obj_perms:core.change_upload",
        ];

    /// <summary>For each kind who adds, who owns and who views, and who uploads.</summary>
    public static void AddRoles(this IPluginBuilder plugin)
    {
        plugin.Role(
            new Role { Name = "python.python_package_uploader", Permissions = ["python.upload_python_packages"] }
        );
        AddRoles(plugin, "pythonremote", "change");
        AddRoles(plugin, "pythonrepository", "change", "modify", "sync", "repair");
        AddRoles(plugin, "pythonpublication");
        AddRoles(plugin, "pythondistribution", "change");
    }

    private static void AddRoles(IPluginBuilder plugin, string model, params string[] more)
    {
        void Add(string role, params IEnumerable<string> verbs) =>
            plugin.Role(
                new Role
                {
                    Name = $"python.{model}_{role}",
                    Permissions = [.. verbs.Select(v => $"python.{v}_{model}")],
                }
            );
        Add("creator", "add");
        Add("owner", ["view", "delete", "manage_roles", .. more]);
        Add("viewer", "view");
    }

    private static AccessStatement[] Written(string model, params string[] seen) =>
        [
            May(["create"], [Anywhere($"python.add_{model}"), .. seen]),
            May(
                ["update", "partial_update", "set_label", "unset_label"],
                [Here($"change_{model}"), Here($"view_{model}"), .. seen]
            ),
        ];

    private static AccessPolicy Policy(params AccessStatement[] statements) => new() { Statements = statements };

    private static AccessStatement May(string[] actions, params string[] conditions) =>
        new() { Actions = actions, Conditions = conditions };

    private static string Anywhere(string permission) => $"has_model_or_domain_perms:{permission}";

    private static string Here(string codename) => $"has_model_or_domain_or_obj_perms:python.{codename}";
}
