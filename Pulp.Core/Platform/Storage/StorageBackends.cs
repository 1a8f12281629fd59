using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Pulp.Core.Platform.Settings;

namespace Pulp.Core.Platform.Storage;

/// <summary>Opens the storages that domains name, by their class. Domains with the same settings share one.</summary>
internal sealed class StorageBackends(PulpSettings settings)
{
    /// <summary>The wire's name for files in a directory.</summary>
    public const string FileSystem = "pulpcore.app.models.storage.FileSystem";

    private const int UsualFileMode = 0b110_100_100;

    private readonly Dictionary<string, Func<JsonObject, IStorageBackend?>> _classes = new(StringComparer.Ordinal)
    {
        [FileSystem] = read => OpenDirectory(read, settings.FlushArtifacts),
    };

    private readonly ConcurrentDictionary<(string Class, string Settings), IStorageBackend?> _opened = new();

    /// <summary>Adds a storage class.</summary>
    /// <param name="name">The wire's name for it.</param>
    /// <param name="open">Opens one with a domain's settings; null for the server's own.</param>
    public void Add(string name, Func<JsonObject, IStorageBackend?> open) => _classes.Add(name, open);

    /// <summary>The storage of these settings; null for the server's own.</summary>
    /// <exception cref="InvalidOperationException">There is no such class.</exception>
    public IStorageBackend? Open(string storageClass, string storageSettings) =>
        _opened.GetOrAdd((storageClass, storageSettings), Make);

    private IStorageBackend? Make((string Class, string Settings) named) =>
        _classes.TryGetValue(named.Class, out var open)
            ? open(JsonNode.Parse(named.Settings) as JsonObject ?? [])
            : throw new InvalidOperationException($"There is no storage class {named.Class}.");

    private static LocalBackend? OpenDirectory(JsonObject read, bool flushes) =>
        (string?)read["location"] is { Length: > 0 } root
            ? new LocalBackend(
                new LocalDirectory(
                    root,
                    FileMode: (UnixFileMode)((int?)read["file_permissions_mode"] ?? UsualFileMode),
                    DirectoryMode: (UnixFileMode?)(int?)read["directory_permissions_mode"]
                ),
                flushes
            )
            : null;
}
