using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
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

    /// <summary>
    /// What to say of an assembly that this one needs, or a private one that it needs, and that can't be found; null when all are
    /// there. Otherwise it would be missed only when the code that uses it first runs.
    /// </summary>
    public string? MissingFor(string path)
    {
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var waiting = new Queue<string>([path]);
        while (waiting.TryDequeue(out var next))
        {
            foreach (var name in ReferencesOf(next).Where(n => seen.Add(n.FullName)))
            {
                if (name.Name != Sdk && _resolver.ResolveAssemblyToPath(name) is { } own)
                {
                    waiting.Enqueue(own);
                }
                else if (!IsInHost(name))
                {
                    var reason = File.Exists(Path.Combine(Path.GetDirectoryName(path) ?? "", name.Name + ".dll"))
                        ? "which is in its folder but not in its .deps.json"
                        : "which is neither in its folder nor part of the server";
                    return $"{Path.GetFileName(next)} needs the assembly {name.Name} {name.Version}, {reason}.";
                }
            }
        }

        return null;
    }

    private static List<AssemblyName> ReferencesOf(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        if (!file.HasMetadata)
        {
            return [];
        }

        var metadata = file.GetMetadataReader();
        return
        [
            .. metadata.AssemblyReferences.Select(handle => metadata.GetAssemblyReference(handle).GetAssemblyName()),
        ];
    }

    private static bool IsInHost(AssemblyName name)
    {
        try
        {
            return Default.LoadFromAssemblyName(name) is not null;
        }
        catch (Exception error) when (error is FileNotFoundException or FileLoadException)
        {
            return false; // Not there, or only an older one.
        }
    }

    protected override nint LoadUnmanagedDll(string unmanagedDllName) =>
        _resolver.ResolveUnmanagedDllToPath(unmanagedDllName) is { } path ? LoadUnmanagedDllFromPath(path) : nint.Zero;
}
