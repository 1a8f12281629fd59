using Pulp.PluginSdk.Plugin;
using PulpContainer.Distributions;
using PulpContainer.Images;
using PulpContainer.Migrations;
using PulpContainer.PullThrough;
using PulpContainer.Registry;
using PulpContainer.Remotes;
using PulpContainer.Repositories;
using PulpContainer.Tokens;

namespace PulpContainer;

/// <summary>Container images: what the plugin offers. Each folder says its own part in its <c>...Module</c>.</summary>
public sealed class ContainerPlugin : PulpPlugin
{
    /// <inheritdoc />
    public override void Configure(IPluginBuilder plugin)
    {
        plugin.AddImages();
        plugin.AddRemotes();
        plugin.AddRepositories();
        plugin.AddDistributions();
        plugin.AddTokens();
        plugin.AddRegistry();
        plugin.AddPullThrough();
        plugin.AddRoles();
        plugin.AddConditions();
        plugin.Migrations(
            new M0001ContainerTables(),
            new M0002SigningKeys(),
            new M0003MissingManifests(),
            new M0004SigningServices()
        );
    }
}
