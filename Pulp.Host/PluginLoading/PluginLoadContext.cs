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
    private readonly AssemblyDependencyResolver _resolver = new(assemblyPath);

    /// <summary>Null is the host's copy.</summary>
    protected override Assembly? Load(AssemblyName assemblyName) =>
        Own(assemblyName) is { } path ? LoadFromAssemblyPath(path) : null;

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
                if (Own(name) is { } own)
                {
                    waiting.Enqueue(own);
                }
                else if (!SharedAssemblies.IsInHost(name))
                {
                    var folder = Path.GetDirectoryName(path) ?? "";
                    return $"{Path.GetFileName(next)} needs the assembly {name.Name} {name.Version}, {WhyMissing(name, folder)}.";
                }
            }
        }

        return null;
    }

    /// <summary>Where the plugin's own copy lies; null when it has none, or the server's is taken.</summary>
    private string? Own(AssemblyName name) =>
        SharedAssemblies.AreFor(name) ? null : _resolver.ResolveAssemblyToPath(name);

    private static string WhyMissing(AssemblyName name, string folder)
    {
        if (SharedAssemblies.OlderInHost(name) is { } older)
        {
            return $"of which the server has {older}";
        }

        return File.Exists(Path.Combine(folder, name.Name + ".dll"))
            ? "which is in its folder but not in its .deps.json"
            : "which is neither in its folder nor part of the server";
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

    protected override nint LoadUnmanagedDll(string unmanagedDllName) =>
        _resolver.ResolveUnmanagedDllToPath(unmanagedDllName) is { } path ? LoadUnmanagedDllFromPath(path) : nint.Zero;
}
