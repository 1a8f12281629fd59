using Pulp.PluginSdk.Plugin;

namespace PulpPython;

/// <summary>Python packages: everything the plugin offers, on one screen.</summary>
public sealed class PythonPlugin : PulpPlugin
{
    /// <inheritdoc />
    public override void Configure(IPluginBuilder plugin) { }
}
