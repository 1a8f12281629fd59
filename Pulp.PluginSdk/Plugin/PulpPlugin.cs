using System.Reflection;

namespace Pulp.PluginSdk.Plugin;

/// <summary>
/// A plugin: one public subclass with a parameterless constructor in the plugin's assembly. An abstract class, so that members
/// can be added without breaking plugins that are built already.
/// </summary>
public abstract class PulpPlugin
{
    /// <summary>
    /// Who it is: what the project's properties <c>PulpPluginLabel</c> and <c>PulpPluginVersion</c> say, as in <c>plugin.json</c>.
    /// </summary>
    /// <exception cref="InvalidOperationException">The project doesn't say it.</exception>
    public virtual PluginIdentity Identity =>
        new(
            AppLabel: Said("Pulp.Plugin.Label", "PulpPluginLabel"),
            Version: Said("Pulp.Plugin.Version", "PulpPluginVersion")
        );

    /// <summary>Declares everything it offers. Called once, before the server starts.</summary>
    /// <param name="plugin">Takes the declarations.</param>
    public abstract void Configure(IPluginBuilder plugin);

    private string Said(string key, string property) =>
        GetType().Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(a => a.Key == key)
            is { Value: { Length: > 0 } value }
            ? value
            : throw new InvalidOperationException($"The project of {GetType().Name} has no property {property}.");
}

/// <summary>Who a plugin is.</summary>
/// <param name="AppLabel">Short label: first part of types, tables and paths.</param>
/// <param name="Version">The wire version of the component, by which clients decide which features they use.</param>
public sealed record PluginIdentity(string AppLabel, string Version);
