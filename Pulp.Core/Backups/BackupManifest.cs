using System.Security.Cryptography;
using System.Text.Json;

namespace Pulp.Core.Backups;

/// <summary>A file of a backup as it was written.</summary>
internal sealed record BackupFile(string Sha256, long Size);

/// <summary>
/// <c>backup.json</c>: what a backup consists of. It is written last, with the digests of the other files, into a directory that gets
/// its name when it is whole: what was broken off is neither named nor described like a backup.
/// </summary>
internal sealed record BackupManifest
{
    public const string FileName = "backup.json";
    public const string DatabaseFile = "pulp.db";
    public const string DumpFile = "pulp.dump";
    public const string ArtifactsFile = "artifacts.csv";
    public const string KeysDirectory = "keys";
    private const int KnownFormat = 1;

    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
    };

    public int Format { get; init; } = KnownFormat;

    public DateTimeOffset CreatedAt { get; init; }

    /// <summary><c>sqlite</c>, whose copy is in the backup, or <c>postgresql</c>, whose dump somebody else makes.</summary>
    public string Database { get; init; } = "";

    public IReadOnlyDictionary<string, string> Versions { get; init; } = new Dictionary<string, string>();

    public long Artifacts { get; init; }

    public long ArtifactBytes { get; init; }

    /// <summary>By path below the backup's directory.</summary>
    public IReadOnlyDictionary<string, BackupFile> Files { get; init; } = new Dictionary<string, BackupFile>();

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, Options);

    /// <summary>Reads it and compares every file with it.</summary>
    /// <exception cref="InvalidDataException">The directory holds no whole backup.</exception>
    public static async Task<BackupManifest> ReadAsync(string directory, CancellationToken cancellationToken)
    {
        var path = Path.Combine(directory, FileName);
        if (!File.Exists(path))
        {
            throw new InvalidDataException($"{directory} is no whole backup: it has no {FileName}.");
        }

        BackupManifest manifest;
        try
        {
            await using var stream = File.OpenRead(path);
            manifest =
                await JsonSerializer.DeserializeAsync<BackupManifest>(stream, Options, cancellationToken)
                ?? throw new JsonException("it is empty.");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{path} can't be read: {error.Message}", error);
        }

        if (manifest.Format != KnownFormat)
        {
            throw new InvalidDataException($"{path} is of format {manifest.Format}, which this release doesn't know.");
        }

        foreach (var (name, expected) in manifest.Files)
        {
            var file = Path.Combine(directory, name);
            if (!File.Exists(file))
            {
                throw new InvalidDataException($"{directory} is no whole backup: {name} is missing.");
            }

            if (await DescribeAsync(file, cancellationToken) != expected)
            {
                throw new InvalidDataException($"{directory} is no whole backup: {name} is not as it was written.");
            }
        }

        return manifest;
    }

    public static async Task<BackupFile> DescribeAsync(string path, CancellationToken cancellationToken)
    {
        await using var stream = File.OpenRead(path);
        var digest = await SHA256.HashDataAsync(stream, cancellationToken);
        return new BackupFile(Convert.ToHexStringLower(digest), stream.Length);
    }
}
