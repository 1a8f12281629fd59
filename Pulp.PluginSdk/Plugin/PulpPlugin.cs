namespace Pulp.PluginSdk.Plugin;

/// <summary>
/// A plugin: one public subclass with a parameterless constructor in the plugin's assembly. An abstract class, so that members
/// can be added without breaking plugins that are built already.
/// </summary>
public abstract class PulpPlugin
{
    /// <summary>Who it is.</summary>
    public abstract PluginIdentity Identity { get; }

    /// <summary>Declares everything it offers. Called once, before the server starts.</summary>
    /// <param name="plugin">Takes the declarations.</param>
    public abstract void Configure(IPluginBuilder plugin);
}

/// <summary>Who a plugin is.</summary>
/// <param name="AppLabel">Short label: first part of types, tables and paths.</param>
/// <param name="Version">The wire version of the component, by which clients decide which features they use.</param>
public sealed record PluginIdentity(string AppLabel, string Version);
