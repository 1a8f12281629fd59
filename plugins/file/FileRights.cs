using Pulp.PluginSdk.Access;
using Pulp.PluginSdk.Plugin;

namespace PulpFile;

/// <summary>Who may do what with files, where that isn't the standard, and the roles that give it.</summary>
internal static class FileRights
{
    private const string SeesRemote = "has_remote_param_model_or_domain_or_obj_perms:file.view_fileremote";
    private const string SeesRepository =
        "has_repo_or_repo_ver_param_model_or_domain_or_obj_perms:file.view_filerepository";
    private const string SeesPublication =
        "has_publication_param_model_or_domain_or_obj_perms:file.view_filepublication";

    public static AccessPolicy Content { get; } =
        Policy(
            May(["list", "retrieve"]),
            May(
                ["create"],
                "has_required_repo_perms_on_upload:file.modify_filerepository",
                "has_required_repo_perms_on_upload:file.view_filerepository",
                "has_upload_param_model_or_domain_or_obj_perms:core.change_upload"
            ),
            May(["upload"], Anywhere("file.upload_files")),
            May(["set_label", "unset_label"], Anywhere("core.manage_content_labels"))
        );

    public static AccessPolicy Repositories { get; } =
        Policy([
            .. Written("filerepository", SeesRemote),
            May(["sync"], Here("sync_filerepository"), SeesRemote, Here("view_filerepository")),
        ]);

    public static AccessPolicy Publications { get; } =
        Policy(May(["create"], Anywhere("file.add_filepublication"), SeesRepository));

    public static AccessPolicy Distributions { get; } =
        Policy([.. Written("filedistribution", SeesRepository, SeesPublication)]);

    public static AccessPolicy AlternateSources { get; } =
        Policy([.. Written("filealternatecontentsource", SeesRemote)]);

    /// <summary>For each kind who adds, who owns and who views, and who uploads.</summary>
    public static void Roles(IPluginBuilder plugin)
    {
        plugin.Role(new Role { Name = "file.file_uploader", Permissions = ["file.upload_files"] });
        AddRoles(plugin, "fileremote", "change");
        AddRoles(plugin, "filerepository", "change", "sync", "modify", "repair");
        AddRoles(plugin, "filepublication");
        AddRoles(plugin, "filedistribution", "change");
        AddRoles(plugin, "filealternatecontentsource", "change", "refresh");
    }

    private static void AddRoles(IPluginBuilder plugin, string model, params string[] more)
    {
        void Add(string role, params IEnumerable<string> verbs) =>
            plugin.Role(
                new Role { Name = $"file.{model}_{role}", Permissions = [.. verbs.Select(v => $"file.{v}_{model}")] }
            );
        Add("creator", "add");
        Add("owner", ["view", "delete", "manage_roles", .. more]);
        Add("viewer", "view");
    }

    private static AccessStatement[] Written(string model, params string[] seen) =>
        [
            May(["create"], [Anywhere($"file.add_{model}"), .. seen]),
            May(
                ["update", "partial_update", "set_label", "unset_label"],
                [Here($"change_{model}"), Here($"view_{model}"), .. seen]
            ),
        ];

    private static AccessPolicy Policy(params AccessStatement[] statements) => new() { Statements = statements };

    private static AccessStatement May(string[] actions, params string[] conditions) =>
        new() { Actions = actions, Conditions = conditions };

    private static string Anywhere(string permission) => $"has_model_or_domain_perms:{permission}";

    private static string Here(string codename) => $"has_model_or_domain_or_obj_perms:file.{codename}";
}
