using Pulp.PluginSdk.Access;
using static Pulp.PluginSdk.Access.AccessConditions;

namespace PulpFile;

/// <summary>Who may do what with files, where that isn't the standard.</summary>
internal static class FileRights
{
    public static AccessPolicy Content { get; } =
        AccessPolicy.Of(
            AccessStatement.Allow(["list", "retrieve"]),
            AccessStatement.Allow(
                ["create"],
                OnRepositoryOfUpload("file.modify_filerepository"),
                OnRepositoryOfUpload("file.view_filerepository"),
                OnNamedUpload("core.change_upload")
            ),
            AccessStatement.Allow(["upload"], Anywhere("file.upload_files")),
            AccessStatement.Allow(["set_label", "unset_label"], Anywhere("core.manage_content_labels"))
        );

    public static AccessPolicy Repositories { get; } =
        AccessPolicy.Of(
            AccessStatement.Allow(
                ["sync"],
                Here("file.sync_filerepository"),
                SeesRemote,
                Here("file.view_filerepository")
            )
        );

    public static AccessPolicy Publications { get; } =
        AccessPolicy.Of(AccessStatement.Allow(["create"], Anywhere("file.add_filepublication"), SeesRepository));

    public static string SeesRemote => OnNamedRemote("file.view_fileremote");

    public static string SeesRepository => OnNamedRepository("file.view_filerepository");

    public static string SeesPublication => OnNamedPublication("file.view_filepublication");
}
