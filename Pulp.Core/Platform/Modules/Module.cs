namespace Pulp.Core.Platform.Modules;

/// <summary>
/// A feature of the server. Each feature's folder has one, which adds everything the feature has: services, kinds of resources,
/// operations, tasks, background work. Core is a list of modules, and a plugin is one more of them.
/// </summary>
internal abstract class Module
{
    /// <summary>Adds what the feature has. Called once, before the server is built.</summary>
    public abstract void Configure(ModuleBuilder module);
}

/// <summary>Operations of a feature that belong to no single kind of resource.</summary>
internal interface IOperations
{
    /// <summary>Puts them into the API.</summary>
    void Map();
}
