using System.IO.Compression;
using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Files;
using Pulp.PluginSdk.Sync;

namespace Pulp.TestPlugins.Wheels;

/// <summary>Reads a wheel's metadata (PEP 427, PEP 566) and puts it beside the file (PEP 658).</summary>
internal static class WheelMetadata
{
    private const long LargestMetadata = 1024 * 1024;

    public static async ValueTask<DeclaredContent> ReadAsync(
        Wheel wheel,
        UploadedFile file,
        CancellationToken cancellationToken
    )
    {
        var text = await MetadataAsync(file, cancellationToken);
        var fields = text.Split('\n')
            .Select(line => line.Split(':', 2, StringSplitOptions.TrimEntries))
            .Where(parts => parts.Length == 2)
            .GroupBy(parts => parts[0], parts => parts[1], StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => g.First(), StringComparer.Ordinal);
        var metadata = await file.StageAsync(
            new MemoryStream(System.Text.Encoding.UTF8.GetBytes(text)),
            cancellationToken
        );
        var read = wheel with
        {
            Name = fields.GetValueOrDefault("Name") ?? throw Fault("its metadata has no name"),
            Version = fields.GetValueOrDefault("Version") ?? throw Fault("its metadata has no version"),
            Summary = fields.GetValueOrDefault("Summary") ?? "",
            Sha256 = file.Artifact.Sha256,
        };
        return new DeclaredContent(
            read,
            new DeclaredArtifact(wheel.Filename, file.Artifact),
            new DeclaredArtifact(wheel.Filename + ".metadata", metadata)
        );
    }

    private static async Task<string> MetadataAsync(UploadedFile file, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = file.OpenRead();
            await using var archive = new ZipArchive(stream, ZipArchiveMode.Read);
            var entry =
                archive.Entries.FirstOrDefault(e =>
                    e.FullName.EndsWith(".dist-info/METADATA", StringComparison.Ordinal)
                ) ?? throw Fault("it has no metadata");
            if (entry.Length > LargestMetadata)
            {
                throw Fault("its metadata is too large");
            }

            using var reader = new StreamReader(await entry.OpenAsync(cancellationToken));
            return await reader.ReadToEndAsync(cancellationToken);
        }
        catch (InvalidDataException)
        {
            throw Fault("it is no zip archive");
        }
    }

    private static ValidationException Fault(string why) => new("file", $"This is not a wheel: {why}.");
}
