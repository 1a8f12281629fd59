using System.Reflection;
using System.Runtime.Loader;
using Pulp.PluginSdk.Plugin;

namespace Pulp.Host.PluginLoading;

/// <summary>
/// The assemblies that plugins and server have in common: the SDK, and those of the shared framework. A type of one of them is
/// the same type on both sides only if both have the same copy of it.
/// </summary>
internal static class SharedAssemblies
{
    private static readonly Assembly Sdk = typeof(PulpPlugin).Assembly;
    private static readonly HashSet<string> Framework = ReadFramework();

    /// <summary>What stands in the SDK's signatures: a plugin's own copy would be another type.</summary>
    private static readonly HashSet<string> Exchanged = new(
        [Sdk.GetName().Name ?? "", .. Sdk.GetReferencedAssemblies().Select(a => a.Name ?? "")],
        StringComparer.OrdinalIgnoreCase
    );

    /// <summary>The server's copy is taken, whatever lies in the plugin's folder.</summary>
    public static bool AreFor(AssemblyName name) =>
        name.Name is { } text && (Exchanged.Contains(text) || (Framework.Contains(text) && IsInHost(name)));

    /// <summary>The server has it in this version or a newer one.</summary>
    public static bool IsInHost(AssemblyName name) => InHost(name) is not null;

    /// <summary>The version that the server has, if only an older one.</summary>
    public static Version? OlderInHost(AssemblyName name) =>
        InHost(new AssemblyName { Name = name.Name })?.GetName().Version;

    private static Assembly? InHost(AssemblyName name)
    {
        try
        {
            return AssemblyLoadContext.Default.LoadFromAssemblyName(name);
        }
        catch (Exception error) when (error is FileNotFoundException or FileLoadException)
        {
            return null; // Not there, or only an older one.
        }
    }

    private static HashSet<string> ReadFramework()
    {
        using var stream =
            typeof(SharedAssemblies).Assembly.GetManifestResourceStream("framework.txt")
            ?? throw new InvalidOperationException("The list of the framework's assemblies isn't built in.");
        using var reader = new StreamReader(stream);
        return reader
            .ReadToEnd()
            .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
    }
}
