using System.Reflection;
using Pulp.Core.Platform.Settings;
using Pulp.Core.Plugins;
using Pulp.Host.Commands;
using Pulp.PluginSdk.Plugin;

namespace Pulp.Host.PluginLoading;

/// <summary>Finds the plugins in their folders and lets each declare what it offers.</summary>
internal static class PluginLoader
{
    /// <summary>The SDK's version, which plugins name a range of.</summary>
    public static Version SdkVersion => typeof(PulpPlugin).Assembly.GetName().Version ?? new Version(0, 0);

    /// <exception cref="StartFault">A plugin doesn't fit, or one to leave out isn't there; each such one is named.</exception>
    public static PluginCatalog Load(PulpSettings settings, IServiceCollection services)
    {
        var plugins = new List<(string Folder, PluginDeclarations Declared)>();
        var faults = new List<string>();
        var disabled = new DisabledPlugins(settings.DisabledPlugins);
        foreach (var folder in Directories(settings).SelectMany(Folders))
        {
            try
            {
                if (LoadOne(folder, disabled, services) is { } plugin)
                {
                    plugins.Add((folder, plugin));
                }
            }
            catch (PluginFault fault)
            {
                faults.Add(fault.Message);
            }
        }

        faults.AddRange(
            plugins
                .GroupBy(p => p.Declared.Identity.AppLabel, p => p.Folder, StringComparer.Ordinal)
                .Where(g => g.Count() > 1)
                .Select(g => $"Plugin {g.Key}: it is there more than once: {string.Join(", ", g)}.")
        );
        faults.AddRange(disabled.Faults());
        return faults.Count > 0
            ? throw new StartFault(faults)
            : new PluginCatalog([
                .. plugins.Select(p => p.Declared).OrderBy(p => p.Identity.AppLabel, StringComparer.Ordinal),
            ]);
    }

    /// <summary>The one beside the program, which may be missing, and those that somebody names.</summary>
    private static IEnumerable<string> Directories(PulpSettings settings) =>
        settings.PluginDir.Prepend(Path.Combine(AppContext.BaseDirectory, "plugins")).Distinct(StringComparer.Ordinal);

    /// <summary>Every folder counts, so that none is passed over in silence; hidden ones belong to somebody else.</summary>
    private static IEnumerable<string> Folders(string directory) =>
        Directory.Exists(directory)
            ? Directory
                .EnumerateDirectories(directory)
                .Where(d => !Path.GetFileName(d).StartsWith('.'))
                .Order(StringComparer.Ordinal)
            : [];

    private static PluginDeclarations? LoadOne(string folder, DisabledPlugins disabled, IServiceCollection services)
    {
        if (disabled.Has(Path.GetFileName(folder)))
        {
            return null;
        }

        var manifest = PluginManifest.Read(folder);
        if (disabled.Has(manifest.Label))
        {
            return null;
        }

        manifest.Check(SdkVersion);

        try
        {
            var path = Path.Combine(folder, manifest.Assembly);
            var context = new PluginLoadContext(path);
            if (context.MissingFor(path) is { } missing)
            {
                throw new PluginFault(manifest.Label, missing);
            }

            var assembly = context.LoadFromAssemblyPath(path);
            var plugin = Instance(assembly, manifest.Label);
            if (plugin.Identity != new PluginIdentity(manifest.Label, manifest.Version))
            {
                throw new PluginFault(
                    manifest.Label,
                    $"plugin.json says {manifest.Label} {manifest.Version}, its assembly "
                        + $"{plugin.Identity.AppLabel} {plugin.Identity.Version}."
                );
            }

            var builder = new PluginBuilder(plugin, services);
            plugin.Configure(builder);
            return builder.Declarations;
        }
        catch (Exception error) when (error is not PluginFault)
        {
            // Whatever a plugin's code throws while it is loaded, the operator needs its name and one line.
            var reason =
                (error as ReflectionTypeLoadException)?.LoaderExceptions.FirstOrDefault()?.Message ?? error.Message;
            throw new PluginFault(manifest.Label, $"it can't be loaded: {reason.TrimEnd('.')}.");
        }
    }

    private static PulpPlugin Instance(Assembly assembly, string label)
    {
        var types = assembly
            .GetExportedTypes()
            .Where(t => t.IsSubclassOf(typeof(PulpPlugin)) && !t.IsAbstract)
            .ToList();
        return types is [var type] && Activator.CreateInstance(type) is PulpPlugin plugin
            ? plugin
            : throw new PluginFault(label, $"its assembly has {types.Count} public plugin classes instead of one.");
    }
}
