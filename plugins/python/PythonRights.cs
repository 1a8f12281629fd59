using Pulp.PluginSdk.Access;
using static Pulp.PluginSdk.Access.AccessConditions;

namespace PulpPython;

/// <summary>Who may do what with packages, where that isn't the standard.</summary>
internal static class PythonRights
{
    public static AccessPolicy Packages { get; } =
        AccessPolicy.Of(
            AccessStatement.Allow(["list", "retrieve"]),
            AccessStatement.Allow(["create"], OnUpload),
            AccessStatement.Allow(["upload"], Anywhere("python.upload_python_packages")),
            AccessStatement.Allow(["set_label", "unset_label"], Anywhere("core.manage_content_labels"))
        );

    public static AccessPolicy Provenance { get; } =
        AccessPolicy.Of(
            AccessStatement.Allow(["list", "retrieve"]),
            AccessStatement.Allow(["create"], OnUpload),
            AccessStatement.Allow(["set_label", "unset_label"], Anywhere("core.manage_content_labels"))
        );

    public static AccessPolicy Yanks { get; } =
        AccessPolicy.Of(
            AccessStatement.Allow(["list", "retrieve"]),
            AccessStatement.Allow(["set_label", "unset_label"], Anywhere("core.manage_content_labels"))
        );

    public static AccessPolicy Repositories { get; } =
        AccessPolicy.Of(
            AccessStatement.Allow(
                ["sync"],
                Here("python.sync_pythonrepository"),
                SeesRemote,
                Here("python.view_pythonrepository")
            )
        );

    /// <summary>Who may see a repository sees what it doesn't take; who may change its content says that.</summary>
    public static AccessPolicy Blocklist { get; } =
        AccessPolicy.Of(
            AccessStatement.Allow(["list", "retrieve"], OnItsRepository("python.view_pythonrepository")),
            AccessStatement.Allow(
                ["create", "destroy"],
                OnItsRepository("python.modify_pythonrepository"),
                OnItsRepository("python.view_pythonrepository")
            )
        );

    public static AccessPolicy Versions { get; } =
        AccessPolicy.Of(AccessStatement.Allow(["scan"], OnItsRepository("python.view_pythonrepository")));

    public static AccessPolicy Publications { get; } =
        AccessPolicy.Of(AccessStatement.Allow(["create"], Anywhere("python.add_pythonpublication"), SeesRepository));

    /// <summary>Who may read an index and upload to it: everybody reads, and who may change the repository's content uploads.</summary>
    public static IReadOnlyList<(string Name, AccessPolicy Policy)> Indexes { get; } =
    [
        ("pypi/root", AccessPolicy.Of(Everybody("list", "retrieve"))),
        ("pypi/simple", AccessPolicy.Of(Everybody("list", "retrieve"), Uploads)),
        ("pypi/pypi", AccessPolicy.Of(Everybody("retrieve"))),
        ("pypi/integrity", AccessPolicy.Of(Everybody("retrieve"))),
        ("pypi/legacy", AccessPolicy.Of(Uploads)),
    ];

    private static AccessStatement Uploads =>
        AccessStatement.Allow(["create"], "index_has_repo_perm:python.modify_pythonrepository");

    private static AccessStatement Everybody(params string[] actions) =>
        new() { Actions = actions, Principals = ["*"] };

    private static string[] OnUpload =>
        [
            OnRepositoryOfUpload("python.modify_pythonrepository"),
            OnRepositoryOfUpload("python.view_pythonrepository"),
            OnNamedUpload("core.change_upload"),
        ];

    public static string SeesRemote => OnNamedRemote("python.view_pythonremote");

    public static string SeesRepository => OnNamedRepository("python.view_pythonrepository");

    public static string SeesPublication => OnNamedPublication("python.view_pythonpublication");
}
