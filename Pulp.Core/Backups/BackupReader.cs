using System.Globalization;
using System.Security.Cryptography;
using Pulp.Core.Platform.Settings;
using Pulp.Core.Platform.Storage;

namespace Pulp.Core.Backups;

/// <summary>Stored files that a backup's list names and that aren't as it says.</summary>
/// <param name="Checked">How many it names.</param>
/// <param name="Faults">The first of those that are missing or damaged.</param>
/// <param name="FaultCount">How many are.</param>
internal sealed record ArtifactCheck(long Checked, IReadOnlyList<string> Faults, long FaultCount);

/// <summary>Puts a backup in its place, where nothing is yet.</summary>
internal sealed class BackupReader(PulpSettings settings, Database database)
{
    private const int ShownFaults = 10;
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Everything that stands against it is found before anything is changed.</summary>
    /// <exception cref="InvalidDataException">Something is there already, or the backup doesn't fit the settings.</exception>
    public void CheckTarget(string directory, BackupManifest manifest)
    {
        var expected = database is SqliteDatabase ? "sqlite" : "postgresql";
        if (manifest.Database != expected)
        {
            throw new InvalidDataException(
                $"DATABASE: the backup is of {manifest.Database}, the setting is {expected}."
            );
        }

        if (database is SqliteDatabase { Path: var path })
        {
            foreach (var existing in new[] { path, path + "-wal" }.Where(File.Exists))
            {
                throw new InvalidDataException($"DATABASE: {existing} exists already; move it away first.");
            }
        }

        foreach (var (from, to) in Keys(directory).Where(k => File.Exists(k.To)))
        {
            if (!File.ReadAllBytes(from).AsSpan().SequenceEqual(File.ReadAllBytes(to)))
            {
                throw new InvalidDataException($"KEY_DIR: {to} is another key; move it away first.");
            }
        }
    }

    /// <summary>Copies the keys, and then the database, which gets its name when it is whole.</summary>
    public void Restore(string directory)
    {
        Directory.CreateDirectory(
            settings.KeyDir,
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        );
        foreach (var (from, to) in Keys(directory))
        {
            CopyWhole(from, to, overwrite: true);
        }

        if (database is SqliteDatabase { Path: var path })
        {
            CopyWhole(Path.Combine(directory, BackupManifest.DatabaseFile), path, overwrite: false);
        }
    }

    /// <summary>Looks for every file of the list.</summary>
    /// <param name="directory">The backup.</param>
    /// <param name="readFiles">Whether to read them and compare digests; otherwise only sizes are.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<ArtifactCheck> CheckArtifactsAsync(
        string directory,
        bool readFiles,
        CancellationToken cancellationToken
    )
    {
        var faults = new List<string>();
        var (count, wrong) = (0L, 0L);
        await foreach (
            var line in File.ReadLinesAsync(Path.Combine(directory, BackupManifest.ArtifactsFile), cancellationToken)
        )
        {
            var parts = line.Split(',');
            count++;
            if (await FaultAsync(parts[0], parts[1], parts[2], readFiles, cancellationToken) is { } fault)
            {
                wrong++;
                if (faults.Count < ShownFaults)
                {
                    faults.Add(fault);
                }
            }
        }

        return new ArtifactCheck(count, faults, wrong);
    }

    private async Task<string?> FaultAsync(
        string file,
        string sha256,
        string size,
        bool readFile,
        CancellationToken cancellationToken
    )
    {
        var info = new FileInfo(Path.Combine(settings.MediaRoot, file));
        if (!info.Exists)
        {
            return $"{file} is missing";
        }

        if (info.Length != long.Parse(size, CultureInfo.InvariantCulture))
        {
            return $"{file} has {info.Length} bytes instead of {size}";
        }

        if (!readFile)
        {
            return null;
        }

        await using var stream = info.OpenRead();
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken)) == sha256
            ? null
            : $"{file} has other content than its name says";
    }

    private IEnumerable<(string From, string To)> Keys(string directory) =>
        Directory
            .EnumerateFiles(Path.Combine(directory, BackupManifest.KeysDirectory))
            .Select(from => (from, Path.Combine(settings.KeyDir, Path.GetFileName(from))));

    private static void CopyWhole(string from, string to, bool overwrite)
    {
        var unfinished = to + ".restoring";
        File.Delete(unfinished);
        using (
            var target = new FileStream(
                unfinished,
                new FileStreamOptions
                {
                    Mode = FileMode.CreateNew,
                    Access = FileAccess.Write,
                    UnixCreateMode = Private,
                }
            )
        )
        {
            using var source = File.OpenRead(from);
            source.CopyTo(target);
            target.Flush(flushToDisk: true);
        }

        File.Move(unfinished, to, overwrite);
        FlushedDirectories.FlushOne(Path.GetDirectoryName(to) ?? "/");
    }
}
