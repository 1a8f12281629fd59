using System.Text.Json;

namespace Pulp.Host.PluginLoading;

/// <summary><c>plugin.json</c>: what a plugin folder says of itself.</summary>
internal sealed record PluginManifest
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

    public string Name { get; init; } = "";

    public string Label { get; init; } = "";

    public string Version { get; init; } = "";

    public string Assembly { get; init; } = "";

    /// <summary>Oldest SDK it works with.</summary>
    public string SdkMin { get; init; } = "";

    /// <summary>First SDK it no longer works with.</summary>
    public string SdkBelow { get; init; } = "";

    /// <exception cref="PluginFault">It can't be read.</exception>
    public static PluginManifest Read(string folder)
    {
        var path = Path.Combine(folder, "plugin.json");
        if (!File.Exists(path))
        {
            throw new PluginFault(Path.GetFileName(folder), "its folder has no plugin.json.");
        }

        PluginManifest? manifest;
        try
        {
            manifest = JsonSerializer.Deserialize<PluginManifest>(File.ReadAllText(path), Options);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new PluginFault(Path.GetFileName(folder), $"plugin.json can't be read: {error.Message}");
        }

        return manifest is { Label.Length: > 0, Assembly.Length: > 0 }
            ? manifest
            : throw new PluginFault(Path.GetFileName(folder), "plugin.json must name label and assembly.");
    }

    /// <exception cref="PluginFault">It doesn't fit.</exception>
    public void Check(Version sdk)
    {
        if (
            !System.Version.TryParse(SdkMin, out var min)
            || !System.Version.TryParse(SdkBelow, out var below)
            || sdk < min
            || sdk >= below
        )
        {
            throw new PluginFault(
                Label,
                $"it works with plugin SDK {SdkMin} up to, not including, {SdkBelow}; this server has {sdk}."
            );
        }

        if (Path.GetFileName(Assembly) != Assembly)
        {
            throw new PluginFault(Label, "plugin.json must name an assembly of its own folder.");
        }
    }
}

/// <summary>A plugin doesn't fit: one line that names it.</summary>
internal sealed class PluginFault(string plugin, string reason)
    : Exception($"Plugin {plugin}: {reason} Put it into DISABLED_PLUGINS to start without it.");
