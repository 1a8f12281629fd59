using System.Text.Json;
using Pulp.Core.Platform.Modules;
using Pulp.Core.Platform.Settings;
using Pulp.Core.Plugins;
using Pulp.Host.PluginLoading;

namespace Pulp.Host.Commands;

/// <summary>Settings and plugins, read in the order of their precedence: defaults, plugins', file, environment, command line.</summary>
internal sealed class Setup(string? settingsFile)
{
    private const string Prefix = "PULP_";

    /// <summary>From the command line.</summary>
    public Dictionary<string, string> Overrides { get; } = new(StringComparer.Ordinal);

    /// <summary>Reads everything.</summary>
    /// <exception cref="StartFault">Something can't work; every fault is named.</exception>
    public (PulpSettings Settings, PluginCatalog Plugins, IServiceCollection Services) Read()
    {
        var faults = new List<string>();
        var environment = new SettingsSource("environment", FromEnvironment());
        var commandLine = new SettingsSource("command line", Overrides) { IsStrict = true };
        var settings = new PulpSettings();

        // The data directory may hold the settings file, so it is looked for first.
        SettingsBinder.Bind(settings, "", [environment, commandLine], []);
        var file = ReadFile(FindFile(settings), faults);
        SettingsSource[] sources = file is null ? [environment, commandLine] : [file, environment, commandLine];
        settings = new PulpSettings();
        SettingsBinder.Bind(settings, "", sources, faults);
        SettingsRules.Apply(settings, faults);
        if (faults.Count > 0)
        {
            throw new StartFault(faults);
        }

        var services = new ServiceCollection();
        var catalog = PluginLoader.Load(settings, services);
        var known = new HashSet<string>(SettingsBinder.NamesOf(typeof(PulpSettings), ""), StringComparer.Ordinal);
        var mounts = new HashSet<string>(StringComparer.Ordinal);
        foreach (var plugin in catalog.Plugins)
        {
            foreach (var declaration in plugin.Settings)
            {
                var prefix = declaration.Prefix;
                faults.AddRange(
                    SettingsBinder
                        .NamesOf(declaration.Type, prefix)
                        .Where(name => !known.Add(name))
                        .Select(name =>
                            $"Plugin {plugin.Identity.AppLabel}: its setting {name} is the server's or another plugin's."
                        )
                );
                SettingsBinder.Bind(declaration.Value, prefix, sources, faults);
                var errors = new PluginSdk.Fields.ValidationErrors();
                declaration.Validate?.Invoke(declaration.Value, errors);
                faults.AddRange(
                    errors.Messages.SelectMany(m =>
                        m.Value.Select(text => $"{prefix}{m.Key.ToUpperInvariant()}: {text}")
                    )
                );
            }

            // Settings may say where.
            faults.AddRange(
                plugin
                    .Routes.Select(r => MountPath.Fault(r.Mount(), mounts, settings))
                    .OfType<string>()
                    .Select(fault => $"Plugin {plugin.Identity.AppLabel}: its {fault}.")
            );
        }

        SettingsBinder.RefuseUnknown(sources, known, faults);
        return faults.Count > 0 ? throw new StartFault(faults) : (settings, catalog, services);
    }

    private static Dictionary<string, string> FromEnvironment()
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (System.Collections.DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            if (
                variable is { Key: string name, Value: string value }
                && name.StartsWith(Prefix, StringComparison.Ordinal)
            )
            {
                values[name[Prefix.Length..]] = value;
            }
        }

        return values;
    }

    private string? FindFile(PulpSettings settings)
    {
        if (settingsFile is not null)
        {
            return settingsFile;
        }

        string[] places =
        [
            Path.Combine(settings.DataDir.Length > 0 ? settings.DataDir : ".", "settings.json"),
            "/etc/pulp/settings.json",
        ];
        return (settings.DataDir.Length > 0 ? places : places[1..]).FirstOrDefault(File.Exists);
    }

    private static SettingsSource? ReadFile(string? path, List<string> faults)
    {
        if (path is null)
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(
                File.ReadAllText(path),
                new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true }
            );
            var values = document
                .RootElement.EnumerateObject()
                .ToDictionary(
                    m => m.Name,
                    m => m.Value.ValueKind == JsonValueKind.String ? m.Value.GetString() ?? "" : m.Value.GetRawText(),
                    StringComparer.Ordinal
                );
            return new SettingsSource(path, values) { IsStrict = true };
        }
        catch (Exception error)
            when (error is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException)
        {
            faults.Add($"The settings file {path} can't be read: {error.Message}");
            return null;
        }
    }
}
