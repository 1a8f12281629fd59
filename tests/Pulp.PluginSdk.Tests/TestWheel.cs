using System.IO.Compression;

namespace Pulp.PluginSdk.Tests;

/// <summary>Wheels, as far as they tell what they are.</summary>
internal static class TestWheel
{
    /// <summary>A wheel with its metadata and one module of this text.</summary>
    public static byte[] Make(string name, string version, string summary, string module = "")
    {
        using var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create))
        {
            Add(
                archive,
                $"{name}-{version}.dist-info/METADATA",
                $"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nSummary: {summary}\n"
            );
            Add(archive, $"{name}/__init__.py", module);
        }

        return stream.ToArray();
    }

    private static void Add(ZipArchive archive, string path, string text)
    {
        using var writer = new StreamWriter(archive.CreateEntry(path, CompressionLevel.NoCompression).Open());
        writer.Write(text);
    }
}
