using Pulp.PluginSdk.Plugin;
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
        plugin.Content<Blob>("blob", "blobs");
        plugin.Content<Manifest>("manifest", "manifests");
        plugin.Content<Tag>("tag", "tags");
        plugin.Remote<ImageRemote>("image");
        plugin.Repository<ImageRepository>("image").Holds<Blob>().Holds<Manifest>().Holds<Tag>();
        plugin.Distribution<ImageDistribution>("image");
        plugin.Migrations(new M0001ImageTables());
    }
}
