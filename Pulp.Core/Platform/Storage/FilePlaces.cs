using System.Collections.Concurrent;

namespace Pulp.Core.Platform.Storage;

/// <summary>Where files lie, below the server's own root or in a domain's storage, and how they get there.</summary>
internal sealed class FilePlaces(string root, DomainStorages domains)
{
    /// <summary>The directory of files that aren't in their place yet.</summary>
    public const string Temporary = "tmp";

    /// <summary>The directory of artifacts.</summary>
    public const string Artifacts = "artifact/";
    private const int IdLength = 36;
    private readonly ConcurrentDictionary<string, FlushedDirectories> _flushed = new(StringComparer.Ordinal);

    /// <summary>Absolute path of what the database calls <paramref name="file"/>.</summary>
    public string Absolute(string file) => Path.Combine(StorageOf(file)?.Root ?? root, file);

    /// <summary>What the database calls the artifact of an absolute path.</summary>
    public static string StoredAs(string absolute) =>
        absolute[(absolute.LastIndexOf($"/{Artifacts}", StringComparison.Ordinal) + 1)..];

    /// <summary>The storage of its domain, which the path of an artifact names; null for the server's own.</summary>
    private DomainStorage? StorageOf(string file) =>
        file.Length > Artifacts.Length + IdLength
        && file.StartsWith(Artifacts, StringComparison.Ordinal)
        && Guid.TryParseExact(file.AsSpan(Artifacts.Length, IdLength), "D", out var domain)
            ? domains.Of(domain)
            : null;

    /// <summary>Moves a finished temporary file to its place.</summary>
    public void Place(TemporaryFile file, string path, bool flush)
    {
        if (flush)
        {
            file.Flush();
        }

        var storage = StorageOf(path);
        var target = Absolute(path);
        var directory = DirectoryOf(target);
        var flushed = FlushedIn(storage);
        try
        {
            Move(file, target, storage, flush);
        }
        catch (Exception error) when (error is DirectoryNotFoundException or FileNotFoundException && storage is null)
        {
            // The directory wasn't there. When somebody else makes it in this very moment, .NET takes the file for what was missing.
            flushed.Forget(directory);
            Directory.CreateDirectory(directory);
            Move(file, target, storage, flush);
        }

        if (flush)
        {
            flushed.Flush(directory);
        }
    }

    /// <summary>Copies a stored file into another storage, where it isn't there with so many bytes yet.</summary>
    /// <exception cref="FileNotFoundException">The file isn't here.</exception>
    public void Copy(string file, long size, DomainStorage? to, bool flush)
    {
        var target = Path.Combine(to?.Root ?? root, file);
        if (new FileInfo(target) is { Exists: true } there && there.Length == size)
        {
            return;
        }

        var beside = Beside(to, DirectoryOf(target));
        File.Copy(Absolute(file), beside);
        if (to is not null && !OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(beside, to.FileMode);
        }

        if (flush)
        {
            using var handle = File.OpenHandle(beside, FileMode.Open, FileAccess.ReadWrite);
            RandomAccess.FlushToDisk(handle);
        }

        File.Move(beside, target, overwrite: true);
        if (flush)
        {
            FlushedIn(to).Flush(DirectoryOf(target));
        }
    }

    /// <summary>The directory goes, or was gone: one of this name will be a new one.</summary>
    public void Forget(string directory) => FlushedIn(storage: null).Forget(directory);

    private void Move(TemporaryFile file, string target, DomainStorage? storage, bool flush)
    {
        if (storage is null)
        {
            file.MoveTo(target, overwrite: true);
            return;
        }

        // Maybe in another file system: it is brought there under a name of its own, to be whole under its real one at once.
        file.MoveTo(target, Beside(storage, DirectoryOf(target)), storage.FileMode, flush);
    }

    /// <summary>A new file in the same file system as a directory, which is made where it isn't there.</summary>
    private string Beside(DomainStorage? storage, string directory)
    {
        var temporary = Path.Combine(storage?.Root ?? root, Temporary);
        Make(temporary, storage);
        if (!Directory.Exists(directory))
        {
            FlushedIn(storage).Forget(directory);
            Make(directory, storage);
        }

        return Path.Combine(temporary, Guid.NewGuid().ToString("N"));
    }

    private static void Make(string directory, DomainStorage? storage)
    {
        if (storage?.DirectoryMode is { } mode && !OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(directory, mode);
        }
        else
        {
            Directory.CreateDirectory(directory);
        }
    }

    private FlushedDirectories FlushedIn(DomainStorage? storage) =>
        _flushed.GetOrAdd(storage?.Root ?? root, static path => new FlushedDirectories(path));

    private string DirectoryOf(string path) => Path.GetDirectoryName(path) ?? root;
}
