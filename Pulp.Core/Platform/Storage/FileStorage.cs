using System.Runtime.InteropServices;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Settings;

namespace Pulp.Core.Platform.Storage;

/// <summary>
/// Artifacts as local files, addressed by their SHA-256: written to a temporary file in the same file system while the digests
/// are computed, flushed, and renamed into place. A file that is in place is whole and never changes.
/// </summary>
internal sealed partial class FileStorage : IFileReceiver
{
    private const int BufferSize = 128 * 1024;
    private const string Sync = ".sync";
    private readonly string _root;
    private readonly string _temporary;
    private readonly PulpSettings _settings;
    private readonly FilePlaces _places;
    private readonly DomainStorages _domains;

    public FileStorage(PulpSettings settings, DomainStorages domains)
    {
        _domains = domains;
        _settings = settings;
        _root = settings.MediaRoot;
        _temporary = Path.Combine(_root, FilePlaces.Temporary);
        _places = new FilePlaces(_root, domains);
        Directory.CreateDirectory(_temporary);
    }

    public string Root => _root;

    /// <summary>Throws what stands against storing a file.</summary>
    public void CheckWritable() => CheckWritable(_temporary);

    /// <summary>Throws what stands against storing files in a directory, which is made where it isn't there; empty is the server's own.</summary>
    public static void CheckWritable(string directory)
    {
        if (directory.Length == 0)
        {
            return;
        }

        Directory.CreateDirectory(directory);
        var probe = Path.Combine(directory, Guid.NewGuid().ToString("N"));
        File.WriteAllBytes(probe, []);
        File.Delete(probe);
    }

    /// <summary>Path below the root of a domain's artifact with this digest: Pulp's own layout.</summary>
    public static string PathOf(Guid domain, string sha256) =>
        domain == Domains.Default
            ? $"artifact/{sha256[..2]}/{sha256[2..]}"
            : $"artifact/{domain}/{sha256[..2]}/{sha256[2..]}";

    /// <summary>Absolute path of what the database calls <paramref name="file"/>.</summary>
    public string Absolute(string file) => _places.Absolute(file);

    /// <summary>What the database calls the artifact of an absolute path.</summary>
    public static string StoredAs(string absolute) => FilePlaces.StoredAs(absolute);

    /// <summary>Copies a stored file into another storage, where it isn't there yet.</summary>
    /// <exception cref="FileNotFoundException">The file isn't here.</exception>
    public void Copy(string file, long size, DomainStorage? to) =>
        _places.Copy(file, size, to, _settings.FlushArtifacts);

    /// <summary>Copies a stream to temporary storage and computes its digests.</summary>
    /// <exception cref="FileTooLargeException">It is longer than allowed.</exception>
    public Task<TemporaryFile> WriteAsync(Stream source, long? limit, CancellationToken cancellationToken) =>
        WriteAsync(Begin(), source, limit, cancellationToken);

    private static async Task<TemporaryFile> WriteAsync(
        TemporaryFile file,
        Stream source,
        long? limit,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await file.AppendAllAsync(source, limit, cancellationToken);
            await file.FinishAsync(cancellationToken);
            return file;
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }

    /// <summary>A temporary file to be written piece by piece; small ones stay in memory unless others read along.</summary>
    public TemporaryFile Begin(bool onDisk = false, int memoryLimit = TemporaryFile.MemoryLimit)
    {
        var file = New(_settings.AllowedContentChecksums, memoryLimit);
        if (onDisk)
        {
            file.ToDisk();
        }

        return file;
    }

    /// <summary>Moves a finished temporary file to its address; answers its path below the root.</summary>
    public string Keep(Guid domain, TemporaryFile file, bool flush)
    {
        var path = PathOf(domain, file.Digests.Sha256);
        // The same bytes may be there already; replacing them by themselves is harmless and repairs a broken file.
        _places.Place(file, path, flush && _settings.FlushArtifacts);
        return path;
    }

    /// <summary>Moves a finished temporary file to a place of its own below the root, where it survives a power failure.</summary>
    public void Put(TemporaryFile file, string path) => _places.Place(file, path, _settings.FlushArtifacts);

    /// <summary>Removes what is left of a domain's directory, whose artifacts are gone.</summary>
    public void RemoveDomain(Guid domain)
    {
        var directory = Absolute($"{FilePlaces.Artifacts}{domain}/");
        if (Directory.Exists(directory))
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    public void RemoveDirectory(string path)
    {
        if (Directory.Exists(Absolute(path)))
        {
            _places.Forget(Absolute(path));
            Directory.Delete(Absolute(path), recursive: true);
        }
    }

    /// <summary>A file for what is too large for the memory; it is gone when it is closed.</summary>
    public FileStream OpenScratch() =>
        new(
            Path.Combine(_temporary, Guid.NewGuid().ToString("N")),
            FileMode.CreateNew,
            FileAccess.ReadWrite,
            FileShare.None,
            bufferSize: 0,
            FileOptions.DeleteOnClose
        );

    /// <summary>Makes everything written so far for a domain survive a power failure: one call for a whole batch of files.</summary>
    public void FlushAll(Guid domain)
    {
        if (_settings.FlushArtifacts)
        {
            using var root = File.OpenHandle(
                Path.Combine(_domains.Of(domain)?.Root ?? _root, FilePlaces.Temporary, Sync),
                FileMode.OpenOrCreate,
                FileAccess.Write
            );
            if (SyncFileSystem((int)root.DangerousGetHandle()) != 0)
            {
                throw new IOException("The files that were stored can't be flushed to the disk.");
            }
        }
    }

    /// <summary>To be held while artifacts are added.</summary>
    public Task<StorageLock> LockForAddingAsync(CancellationToken cancellationToken) =>
        StorageLock.TakeAsync(Path.Combine(_root, ".lock"), exclusive: false, cancellationToken);

    /// <summary>To be held while artifacts are removed.</summary>
    public Task<StorageLock> LockForRemovingAsync(CancellationToken cancellationToken) =>
        StorageLock.TakeAsync(Path.Combine(_root, ".lock"), exclusive: true, cancellationToken);

    public void Delete(string file)
    {
        try
        {
            File.Delete(Absolute(file));
        }
        catch (DirectoryNotFoundException)
        {
            // Nothing was ever stored there.
        }
        catch (UnauthorizedAccessException) when (Directory.Exists(Absolute(file)))
        {
            // Something else stands in its place, and isn't ours; the file is gone.
        }
    }

    public bool Exists(string file) => File.Exists(Absolute(file));

    /// <summary>Whether the file is there with so many bytes.</summary>
    public bool Holds(string file, long size) =>
        new FileInfo(Absolute(file)) is { Exists: true } info && info.Length == size;

    public FileStream OpenRead(string file) =>
        new(
            Absolute(file),
            FileMode.Open,
            FileAccess.Read,
            FileShare.Read | FileShare.Delete,
            BufferSize,
            FileOptions.SequentialScan
        );

    /// <summary>Bytes of the file system: total, used, free.</summary>
    public (long Total, long Used, long Free) Space()
    {
        var drive = new DriveInfo(_root);
        return (drive.TotalSize, drive.TotalSize - drive.TotalFreeSpace, drive.AvailableFreeSpace);
    }

    /// <summary>Removes temporary files that nobody has touched for long: their writers are gone.</summary>
    public int RemoveAbandoned(DateTimeOffset before)
    {
        var removed = 0;
        var directories = _domains
            .All.Select(s => Path.Combine(s.Root, FilePlaces.Temporary))
            .Append(_temporary)
            .Distinct();
        foreach (var path in directories.Where(Directory.Exists).SelectMany(Directory.EnumerateFiles))
        {
            if (File.GetLastWriteTimeUtc(path) < before.UtcDateTime && Path.GetFileName(path) != Sync)
            {
                File.Delete(path);
                removed++;
            }
        }

        return removed;
    }

    /// <summary>Takes in parts of files: only their SHA-256 is asked for, the other digests are the whole's.</summary>
    public IFileReceiver Parts => new PartReceiver(this);

    async Task<ReceivedFile> IFileReceiver.ReceiveAsync(Stream source, CancellationToken cancellationToken) =>
        await WriteAsync(source, UploadLimit, cancellationToken);

    /// <summary>The most bytes of a file for which somebody has a limit of his own.</summary>
    public long? LimitFor(long? own) => (own, UploadLimit) is ({ } a, { } b) ? Math.Min(a, b) : own ?? UploadLimit;

    private long? UploadLimit => _settings.MaxUploadBytes > 0 ? _settings.MaxUploadBytes : null;

    private TemporaryFile New(IReadOnlyCollection<string> digests, int memoryLimit = TemporaryFile.MemoryLimit) =>
        new(Path.Combine(_temporary, Guid.NewGuid().ToString("N")), digests, memoryLimit);

    private sealed class PartReceiver(FileStorage storage) : IFileReceiver
    {
        public async Task<ReceivedFile> ReceiveAsync(Stream source, CancellationToken cancellationToken) =>
            await WriteAsync(storage.New(["sha256"]), source, storage.UploadLimit, cancellationToken);
    }

    [LibraryImport("libc", EntryPoint = "syncfs")]
    private static partial int SyncFileSystem(int descriptor);
}
