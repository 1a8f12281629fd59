using System.Reflection;
using System.Runtime.Loader;

namespace Pulp.Host.PluginLoading;

/// <summary>
/// A plugin's own world: its private dependencies come from its folder, and only the SDK and the shared framework are common. Not
/// collectible: plugins are never unloaded.
/// </summary>
internal sealed class PluginLoadContext(string assemblyPath)
    : AssemblyLoadContext(Path.GetFileNameWithoutExtension(assemblyPath))
{
    private const string Sdk = "Pulp.PluginSdk";
    private readonly AssemblyDependencyResolver _resolver = new(assemblyPath);

    protected override Assembly? Load(AssemblyName assemblyName)
    {
        // Null is the host's copy. The SDK first: a stray copy in the plugin's folder would hide the plugin's types silently.
        if (assemblyName.Name == Sdk)
        {
            return null;
        }

        var path = _resolver.ResolveAssemblyToPath(assemblyName);
        return path is null ? null : LoadFromAssemblyPath(path);
    }

    protected override nint LoadUnmanagedDll(string unmanagedDllName) =>
        _resolver.ResolveUnmanagedDllToPath(unmanagedDllName) is { } path ? LoadUnmanagedDllFromPath(path) : nint.Zero;
}
