using System.Text.Json;

namespace PulpContainer.Images;

/// <summary>What an image's configuration tells about it.</summary>
internal sealed record ImageConfig
{
    /// <summary>Larger configurations aren't read; they have been seen with some hundred kilobytes.</summary>
    public const long MostBytes = 4 * 1024 * 1024;

    public static ImageConfig None { get; } = new();

    public string? Architecture { get; init; }

    public string? Os { get; init; }

    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    public static bool IsConfig(string mediaType) => mediaType is MediaTypes.OciConfig or MediaTypes.DockerConfig;

    /// <summary>A configuration that can't be read tells nothing: registries take it all the same.</summary>
    public static async Task<ImageConfig> ReadAsync(Stream body, CancellationToken cancellationToken)
    {
        try
        {
            using var json = await JsonDocument.ParseAsync(body, default, cancellationToken);
            var root = json.RootElement;
            return new ImageConfig
            {
                Architecture = root.Text("architecture"),
                Os = root.Text("os"),
                Labels = root.Member("config").Texts("Labels"),
            };
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return None;
        }
    }
}
