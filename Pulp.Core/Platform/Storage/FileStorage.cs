using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Settings;

namespace Pulp.Core.Platform.Storage;

/// <summary>
/// The server's own disk: files that are being received, with their digests, uploads that aren't complete, and the locks. Received
/// files are written to its temporary directory and given from there to the storage of artifacts (<see cref="ArtifactFiles"/>).
/// </summary>
internal sealed class FileStorage : IFileReceiver
{
    private readonly string _root;
    private readonly string _temporary;
    private readonly PulpSettings _settings;

    public FileStorage(PulpSettings settings)
    {
        _settings = settings;
        _root = settings.MediaRoot;
        _temporary = Path.Combine(_root, LocalBackend.Temporary);
        Own = new LocalBackend(new LocalDirectory(_root, Receives: true), settings.FlushArtifacts);
        Directory.CreateDirectory(_temporary);
    }

    /// <summary>Keeps files below the same root: those of artifacts of domains that name no storage.</summary>
    public LocalBackend Own { get; }

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

    /// <summary>Absolute path of a file below the root.</summary>
    public string Absolute(string file) => Own.PathOf(file);

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

    /// <summary>Moves a finished temporary file to a place of its own below the root, where it survives a power failure.</summary>
    public void Put(TemporaryFile file, string path) => Own.Keep(path, file, flush: true);

    public void Delete(string path) => Own.Delete(path);

    public void DeleteDirectory(string path) => Own.DeleteAll(path);

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

    /// <summary>To be held while artifacts are added.</summary>
    public Task<StorageLock> LockForAddingAsync(CancellationToken cancellationToken) =>
        StorageLock.TakeAsync(Path.Combine(_root, ".lock"), exclusive: false, cancellationToken);

    /// <summary>To be held while artifacts are removed.</summary>
    public Task<StorageLock> LockForRemovingAsync(CancellationToken cancellationToken) =>
        StorageLock.TakeAsync(Path.Combine(_root, ".lock"), exclusive: true, cancellationToken);

    /// <summary>Bytes of the file system: total, used, free.</summary>
    public (long Total, long Used, long Free) Space()
    {
        var drive = new DriveInfo(_root);
        return (drive.TotalSize, drive.TotalSize - drive.TotalFreeSpace, drive.AvailableFreeSpace);
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
}
