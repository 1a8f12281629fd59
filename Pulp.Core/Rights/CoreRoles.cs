namespace Pulp.Core.Rights;

/// <summary>The server's own roles, by Pulp's names.</summary>
internal static class CoreRoles
{
    public const string TaskOwner = "core.task_owner";
    public const string TaskDispatcher = "core.task_user_dispatcher";

    private static readonly string[] Usual =
    [
        .. "group domain upload rbaccontentguard contentredirectcontentguard headercontentguard".Split(' '),
        "compositecontentguard",
    ];

    private static readonly string[] WithReplication = ["upstreampulp"];

    private static readonly string[] Keyrings = ["openpgpkeyring"];

    public static IReadOnlyList<Role> All { get; } =
    [
        .. Usual.SelectMany(model => Three(model)),
        .. WithReplication.SelectMany(model => Three(model, "replicate")),
        .. Keyrings.SelectMany(model => Three(model, "modify", "repair")),
        Of("upstreampulp_user", "view_upstreampulp", "replicate_upstreampulp"),
        Of("rbaccontentguard_downloader", "download_rbaccontentguard"),
        Of(
            "task_owner",
            "view_task",
            "view_task_profile_artifacts",
            "change_task",
            "delete_task",
            "manage_roles_task"
        ) with
        {
            Description = "May look at, cancel and delete the task, and say who else may.",
        },
        Of("task_viewer", "view_task"),
        Of("task_user_dispatcher", "add_task"),
        Of("taskschedule_owner", "view_taskschedule", "manage_roles_taskschedule") with
        {
            Description = "May look at the schedule, and say who else may.",
        },
        Of("taskschedule_viewer", "view_taskschedule"),
        Of("content_labeler", "manage_content_labels"),
    ];

    /// <summary>Who adds, who owns, who looks.</summary>
    private static IEnumerable<Role> Three(string model, params IEnumerable<string> more) =>
        [
            Of($"{model}_creator", $"add_{model}"),
            Of(
                $"{model}_owner",
                [
                    $"view_{model}",
                    $"change_{model}",
                    $"delete_{model}",
                    $"manage_roles_{model}",
                    .. more.Select(verb => $"{verb}_{model}"),
                ]
            ),
            Of($"{model}_viewer", $"view_{model}"),
        ];

    private static Role Of(string name, params IEnumerable<string> codenames) =>
        new() { Name = $"core.{name}", Permissions = [.. codenames.Select(codename => $"core.{codename}")] };
}
