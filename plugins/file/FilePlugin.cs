using Pulp.PluginSdk.Access;
using Pulp.PluginSdk.Plugin;
using Pulp.PluginSdk.Serving;
using Pulp.PluginSdk.Sync;
using PulpFile.Migrations;

namespace PulpFile;

/// <summary>File trees: everything the plugin offers, on one screen.</summary>
public sealed class FilePlugin : PulpPlugin
{
    /// <inheritdoc />
    public override void Configure(IPluginBuilder plugin)
    {
        plugin
            .Content<FileContent>("file", "files")
            .FromSingleArtifact(
                (content, artifact) => content with { Digest = artifact.Sha256 },
                content => content.RelativePath
            )
            .Permissions("file.upload_files")
            .Access(FileRights.Content)
            .Validate(
                (content, context, _) =>
                {
                    if (!RelativePaths.IsSafe(content.RelativePath))
                    {
                        context.Errors.Add(
                            "relative_path",
                            "Relative path must be relative and may not climb or hold control characters."
                        );
                    }

                    return Task.CompletedTask;
                }
            );
        plugin.Remote<FileRemote>("file").UsualRoles("change");
        plugin
            .Repository<FileRepository>("file")
            .Holds<FileContent>()
            .WritingNeeds(FileRights.SeesRemote)
            .Access(FileRights.Repositories)
            .UsualRoles("change", "sync", "modify", "repair")
            .SyncsWith<FileSync>("pulp_file.app.tasks.synchronizing.synchronize")
            .Autopublishes(repository =>
                repository.Autopublish ? new FilePublication { Manifest = repository.Manifest } : null
            );
        plugin
            .Publication<FilePublication>("file")
            .WrittenBy<FilePublisher>("pulp_file.app.tasks.publishing.publish")
            .Access(FileRights.Publications)
            .UsualRoles();
        plugin
            .Distribution<FileDistribution>("file")
            .Serves(Served.Publications)
            .WritingNeeds(FileRights.SeesRepository, FileRights.SeesPublication)
            .UsualRoles("change");
        plugin
            .AlternateContentSource<FileAlternateContentSource, FileRepository>("file")
            .Permissions("file.refresh_filealternatecontentsource")
            .WritingNeeds(FileRights.SeesRemote)
            .UsualRoles("change", "refresh");
        plugin.Role(new Role { Name = "file.file_uploader", Permissions = ["file.upload_files"] });
        plugin.Migrations(new M0001FileTables());
    }
}
