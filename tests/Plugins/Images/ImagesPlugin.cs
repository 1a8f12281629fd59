using Microsoft.Extensions.DependencyInjection;
using Pulp.PluginSdk.Actions;
using Pulp.PluginSdk.Models;
using Pulp.PluginSdk.Plugin;
using Pulp.PluginSdk.Serving;
using Pulp.TestPlugins.Images.Migrations;

namespace Pulp.TestPlugins.Images;

/// <summary>The outline of a plugin for container images: what such a plugin needs of the SDK, each thing once.</summary>
public sealed class ImagesPlugin : PulpPlugin
{
    /// <inheritdoc />
    public override PluginIdentity Identity { get; } = new(AppLabel: "images", Version: "1.0.0");

    /// <inheritdoc />
    public override void Configure(IPluginBuilder plugin)
    {
        plugin
            .Content<Blob>("blob", "blobs")
            .FromSingleArtifact((blob, file) => blob with { Digest = $"sha256:{file.Sha256}" }, blob => blob.Digest);
        plugin.Content<Manifest>("manifest", "manifests").RefersTo<Blob>("images_manifest_blobs", "blobs");
        plugin.Content<Tag>("tag", "tags").RefersTo<Manifest>(nameof(Tag.TaggedManifest));
        plugin.Remote<ImageRemote>("image").AuthorizedBy<RegistryTokens>();
        plugin
            .Repository<ImageRepository>("image")
            .Holds<Blob>()
            .Holds<Manifest>()
            .Holds<Tag>()
            .SyncsWith<ImageSync>("images.app.tasks.sync.sync")
            .BeforeVersion(ImmutableTags.CheckAsync)
            .Shows<IReadOnlyList<Guid>>(
                "distributions",
                $"select x.pulp_id as value from core_distribution x where x.repository_id = m.pulp_id order by x.name",
                "Where the repository is served.",
                references: typeof(Distribution)
            )
            .Filter<string>("served_at", ImageRules.ServedAt)
            .Permissions("images.modify_content_imagerepository", "images.delete_imagerepository_versions")
            .VersionAccess(ImageAccess.Versions)
            .Action<CopyTags>("copy_tags", "images.modify_content_imagerepository", ImageActions.CopyTagsAsync)
            .Action<NoBody>(
                "catalog",
                "images.view_imagerepository",
                ImageActions.CatalogAsync,
                new ActionOptions { IsGet = true, Answers = ActionAnswers.Body<Catalog>() }
            )
            .Action<NoBody>(
                "rest",
                "images.change_imagerepository",
                (request, _) => Task.FromResult(ActionAnswer.Show(request.Resource.PulpId)),
                new ActionOptions { Answers = ActionAnswers.Resource<ImageRepository>(), Summary = "Do nothing" }
            );
        plugin.Task<CopyTagsTask>();
        plugin
            .Repository<PushRepository>("push", "image-push")
            .Holds<Blob>()
            .Without(
                Operations.Create
                    | Operations.Delete
                    | Operations.Modify
                    | Operations.DeleteVersion
                    | Operations.RepairVersion
                    | Operations.Roles
            );
        plugin
            .Distribution<ImageDistribution>("image")
            .Shows<string>("registry_path", $"'registry.test/' || m.base_path", "What clients pull.")
            .Permissions("images.pull_imagedistribution", "images.push_imagedistribution")
            .Access(ImageAccess.Distributions)
            .KindAction<NoBody>(
                "catalog",
                "images.view_imagedistribution",
                ImageActions.AllAsync,
                new ActionOptions { IsGet = true, Answers = ActionAnswers.Body<Catalog>() }
            )
            .Validate(ImageRules.CheckAsync);
        plugin.Task<HoldTask>();
        plugin.Routes("/images", new MountOptions(), PushRoutes.Map);
        plugin.Services.AddSingleton<RegistryRoutes>();
        plugin.Routes("/v2/", RegistryRoutes.Options, RegistryRoutes.Map);
        plugin
            .Resource<ImageNamespace>("namespace", "images/namespaces")
            .Without(Operations.Update)
            .Shows<long>(
                "distributions_count",
                $"select count(*) from images_imagedistribution x where x.namespace_id = m.pulp_id",
                "How many are served."
            )
            .Access(ImageAccess.Namespaces);
        ImageAccess.Roles(plugin);
        ImageAccess.Conditions(plugin);
        plugin.Routes("/images-token", new MountOptions(), ImageTokens.Map);
        plugin.Routes("/upstream-images", new MountOptions(), UpstreamRoutes.Map);
        plugin.Migrations(new M0001ImageTables());
    }
}
