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

    /// <exception cref="PluginFault">It can't be read or doesn't fit.</exception>
    public static PluginManifest Read(string folder, Version sdk)
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

        if (manifest is null || manifest.Label.Length == 0 || manifest.Assembly.Length == 0)
        {
            throw new PluginFault(Path.GetFileName(folder), "plugin.json must name label and assembly.");
        }

        if (
            !System.Version.TryParse(manifest.SdkMin, out var min)
            || !System.Version.TryParse(manifest.SdkBelow, out var below)
            || sdk < min
            || sdk >= below
        )
        {
            throw new PluginFault(
                manifest.Label,
                $"it works with plugin SDK {manifest.SdkMin} up to, not including, {manifest.SdkBelow}; this server has {sdk}."
            );
        }

        return Path.GetFileName(manifest.Assembly) == manifest.Assembly
            ? manifest
            : throw new PluginFault(manifest.Label, "plugin.json must name an assembly of its own folder.");
    }
}

/// <summary>A plugin doesn't fit: one line that names it.</summary>
internal sealed class PluginFault(string plugin, string reason)
    : Exception($"Plugin {plugin}: {reason} Put it into DISABLED_PLUGINS to start without it.");
