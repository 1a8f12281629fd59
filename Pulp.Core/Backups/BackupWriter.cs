using System.Globalization;
using Pulp.Core.Platform.Settings;
using Pulp.Core.Platform.Storage;
using Pulp.Core.Tasks;

namespace Pulp.Core.Backups;

/// <summary>Writes a backup beside a running server: keys, a list of the artifacts, and on SQLite a copy of the database.</summary>
internal sealed class BackupWriter(
    Database database,
    PulpSettings settings,
    ComponentVersions versions,
    TimeProvider clock,
    ILogger<Database> logger
)
{
    private const long PageSize = 10_000;
    private const UnixFileMode PrivateDirectory =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <exception cref="InvalidDataException">There is something already, or nothing to copy.</exception>
    public async Task<BackupManifest> WriteAsync(string directory, CancellationToken cancellationToken)
    {
        if (Path.Exists(directory))
        {
            throw new InvalidDataException($"{directory} exists already.");
        }

        if (database is SqliteDatabase { Path: var source } && !File.Exists(source))
        {
            throw new InvalidDataException($"DATABASE: there is no database {source}.");
        }

        var unfinished = directory + ".unfinished";
        await using var running = Begin(unfinished);
        var manifest = await FillAsync(unfinished, cancellationToken);
        WriteFile(Path.Combine(unfinished, BackupManifest.FileName), manifest.ToJson());
        FlushedDirectories.FlushOne(unfinished);
        Directory.Move(unfinished, directory);
        FlushedDirectories.FlushOne(Path.GetDirectoryName(directory) ?? "/");
        return manifest;
    }

    /// <summary>An empty directory, where one of these may have been broken off before; locked as long as this one runs.</summary>
    private static FileStream Begin(string unfinished)
    {
        FileStream running;
        try
        {
            running = new FileStream(
                unfinished + ".lock",
                new FileStreamOptions
                {
                    Mode = FileMode.OpenOrCreate,
                    Access = FileAccess.Write,
                    Share = FileShare.None,
                    Options = FileOptions.DeleteOnClose,
                    UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
                }
            );
        }
        catch (IOException error) when (File.Exists(unfinished + ".lock"))
        {
            throw new InvalidDataException($"Another backup writes {unfinished}: {error.Message}", error);
        }

        if (Directory.Exists(unfinished))
        {
            Directory.Delete(unfinished, recursive: true);
        }

        Directory.CreateDirectory(unfinished, PrivateDirectory);
        return running;
    }

    private async Task<BackupManifest> FillAsync(string unfinished, CancellationToken cancellationToken)
    {
        var created = clock.GetUtcNow();
        var list = Path.Combine(unfinished, BackupManifest.ArtifactsFile);
        (long Count, long Bytes) artifacts;
        if (database is SqliteDatabase sqlite)
        {
            var copy = Path.Combine(unfinished, BackupManifest.DatabaseFile);
            WriteFile(copy, []);
            await sqlite.ExecuteAsync($"vacuum into {copy}", cancellationToken);

            // The list is the copy's, so that the two belong together whatever happens meanwhile.
            await using (var copied = new SqliteDatabase(copy, "full", clock, logger))
            {
                artifacts = await ListAsync(copied, list, cancellationToken);
            }

            using var written = File.OpenHandle(copy, FileMode.Open, FileAccess.ReadWrite);
            RandomAccess.FlushToDisk(written);
        }
        else
        {
            artifacts = await ListAsync(database, list, cancellationToken);
        }

        CopyKeys(Path.Combine(unfinished, BackupManifest.KeysDirectory));
        var files = new SortedDictionary<string, BackupFile>(StringComparer.Ordinal);
        foreach (var path in Directory.EnumerateFiles(unfinished, "*", SearchOption.AllDirectories))
        {
            files[Path.GetRelativePath(unfinished, path)] = await BackupManifest.DescribeAsync(path, cancellationToken);
        }

        return new BackupManifest
        {
            CreatedAt = created,
            Database = database is SqliteDatabase ? "sqlite" : "postgresql",
            Versions = versions.All,
            Artifacts = artifacts.Count,
            ArtifactBytes = artifacts.Bytes,
            Files = files,
        };
    }

    private static async Task<(long Count, long Bytes)> ListAsync(
        Database from,
        string path,
        CancellationToken cancellationToken
    )
    {
        var (count, bytes) = (0L, 0L);
        await using var stream = Create(path);
        await using var writer = new StreamWriter(stream) { NewLine = "\n" };
        IReadOnlyList<ArtifactRow> page;
        var last = Guid.Empty;
        do
        {
            page = await from.QueryAsync<ArtifactRow>(
                $"""
                select pulp_id, file, sha256, size from core_artifact
                 where pulp_id > {last} order by pulp_id limit {PageSize}
                """,
                cancellationToken
            );
            foreach (var artifact in page)
            {
                last = artifact.PulpId;
                count++;
                bytes += artifact.Size;
                await writer.WriteLineAsync(
                    string.Create(CultureInfo.InvariantCulture, $"{artifact.File},{artifact.Sha256},{artifact.Size}")
                );
            }
        } while (page.Count == PageSize);
        await writer.FlushAsync(cancellationToken);
        stream.Flush(flushToDisk: true);
        return (count, bytes);
    }

    private void CopyKeys(string target)
    {
        Directory.CreateDirectory(target, PrivateDirectory);
        if (Directory.Exists(settings.KeyDir))
        {
            foreach (var key in Directory.EnumerateFiles(settings.KeyDir))
            {
                WriteFile(Path.Combine(target, Path.GetFileName(key)), File.ReadAllBytes(key));
            }
        }

        FlushedDirectories.FlushOne(target);
    }

    private static void WriteFile(string path, byte[] bytes)
    {
        using var stream = Create(path);
        stream.Write(bytes);
        stream.Flush(flushToDisk: true);
    }

    private static FileStream Create(string path) =>
        new(
            path,
            new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }
        );

    private sealed record ArtifactRow
    {
        public Guid PulpId { get; init; }

        public string File { get; init; } = "";

        public string Sha256 { get; init; } = "";

        public long Size { get; init; }
    }
}
