using Pulp.PluginSdk.Access;
using Pulp.PluginSdk.Plugin;
using PulpPython.Distributions;
using PulpPython.Index;
using PulpPython.Migrations;
using PulpPython.Packages;
using PulpPython.PullThrough;
using PulpPython.Remotes;
using PulpPython.Repositories;
using PulpPython.Sync;
using PulpPython.Uploads;
using PulpPython.Vulnerabilities;

namespace PulpPython;

/// <summary>Python packages: what the plugin offers. Each folder says its own part in its <c>...Module</c>.</summary>
public sealed class PythonPlugin : PulpPlugin
{
    /// <inheritdoc />
    public override void Configure(IPluginBuilder plugin)
    {
        var settings = plugin.AddIndex();
        plugin.AddPackages();
        plugin.AddRemotes().AddBandersnatch();
        plugin.AddRepositories().AddSync();
        plugin.AddDistributions(settings);
        plugin.AddPullThrough();
        plugin.AddUploads();
        plugin.AddVulnerabilities();
        plugin.Role(
            new Role { Name = "python.python_package_uploader", Permissions = ["python.upload_python_packages"] }
        );
        plugin.Migrations(new M0001PythonTables(), new M0002SyncedProjects(), new M0003ProjectLocations());
    }
}
