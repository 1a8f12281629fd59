namespace Pulp.Core.Platform.Storage;

/// <summary>
/// Files below a directory. Each is brought to its file system under a name of its own, flushed, and renamed. None of it waits for
/// anything but the disk, so that all of it is done when it returns.
/// </summary>
internal sealed class LocalBackend(LocalDirectory directory, bool flushes) : IStorageBackend
{
    /// <summary>The directory of files that aren't in their place yet.</summary>
    public const string Temporary = "tmp";

    private const int BufferSize = 128 * 1024;
    private const int ReadBufferSize = 64 * 1024;
    private const string Sync = ".sync";
    private readonly string _root = directory.Root;
    private readonly FlushedDirectories _flushed = new(directory.Root);

    /// <summary>Absolute path of a file.</summary>
    public string PathOf(string name) => Path.Combine(_root, name);

    /// <summary>Moves a received file to its place.</summary>
    public void Keep(string name, TemporaryFile file, bool flush)
    {
        flush &= flushes;
        if (flush)
        {
            file.Flush();
        }

        var target = PathOf(name);
        var parent = ParentOf(target);
        if (directory.Receives)
        {
            Rename(file, target, parent);
        }
        else
        {
            // Maybe from another file system: it is brought here under a name of its own, to be whole under its real one at once.
            file.MoveTo(target, Beside(parent), directory.FileMode, flush);
        }

        if (flush)
        {
            _flushed.Flush(parent);
        }
    }

    private void Rename(TemporaryFile file, string target, string parent)
    {
        try
        {
            file.MoveTo(target);
        }
        catch (Exception error) when (error is DirectoryNotFoundException or FileNotFoundException)
        {
            // The directory wasn't there. When somebody else makes it in this very moment, .NET takes the file for what was missing.
            _flushed.Forget(parent);
            Directory.CreateDirectory(parent);
            file.MoveTo(target);
        }
    }

    /// <summary>Makes the name of a file survive a power failure that was written in its place.</summary>
    public void FlushName(string name)
    {
        if (flushes)
        {
            _flushed.Flush(ParentOf(PathOf(name)));
        }
    }

    public async ValueTask CopyAsync(string name, Stream content, CancellationToken cancellationToken)
    {
        var target = PathOf(name);
        var beside = Beside(ParentOf(target));
        try
        {
            await using (var copy = new FileStream(beside, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                await content.CopyToAsync(copy, BufferSize, cancellationToken);
                copy.Flush(flushToDisk: flushes);
            }

            directory.SetMode(beside);
            File.Move(beside, target, overwrite: true);
        }
        catch
        {
            File.Delete(beside);
            throw;
        }

        if (flushes)
        {
            _flushed.Flush(ParentOf(target));
        }
    }

    public void Delete(string name)
    {
        try
        {
            File.Delete(PathOf(name));
        }
        catch (DirectoryNotFoundException)
        {
            // Nothing was ever stored there.
        }
        catch (UnauthorizedAccessException) when (Directory.Exists(PathOf(name)))
        {
            // Something else stands in its place, and isn't ours; the file is gone.
        }
    }

    /// <summary>Removes a directory below the root.</summary>
    public void DeleteAll(string prefix)
    {
        var path = PathOf(prefix);
        if (Directory.Exists(path))
        {
            // One of this name will be a new one.
            _flushed.Forget(Path.TrimEndingDirectorySeparator(path));
            Directory.Delete(path, recursive: true);
        }
    }

    public Stream OpenRead(string name, long from = 0)
    {
        try
        {
            var handle = File.OpenHandle(
                PathOf(name),
                FileMode.Open,
                FileAccess.Read,
                FileShare.Read | FileShare.Delete,
                FileOptions.SequentialScan
            );
            // Most files are small, and a large object for each would have the whole heap collected again and again.
            var buffer = (int)Math.Clamp(RandomAccess.GetLength(handle) - from, 1, ReadBufferSize);
            return new FileStream(handle, FileAccess.Read, buffer) { Position = from };
        }
        catch (DirectoryNotFoundException error)
        {
            throw new FileNotFoundException(error.Message, name, error);
        }
    }

    /// <summary>One call for a whole batch of files: it is cheaper than one for each.</summary>
    public void FlushAll()
    {
        if (flushes)
        {
            FlushedDirectories.FlushFileSystem(Path.Combine(_root, Temporary, Sync));
        }
    }

    /// <summary>The names of the files below a directory.</summary>
    public IEnumerable<string> List(string prefix)
    {
        var path = PathOf(prefix);
        return Directory.Exists(path)
            ? Directory
                .EnumerateFiles(path, "*", SearchOption.AllDirectories)
                .Select(file => Path.GetRelativePath(_root, file))
            : [];
    }

    public int RemoveAbandoned(DateTimeOffset before)
    {
        var temporary = Path.Combine(_root, Temporary);
        if (!Directory.Exists(temporary))
        {
            return 0;
        }

        var removed = 0;
        foreach (var path in Directory.EnumerateFiles(temporary))
        {
            if (File.GetLastWriteTimeUtc(path) < before.UtcDateTime && Path.GetFileName(path) != Sync)
            {
                File.Delete(path);
                removed++;
            }
        }

        return removed;
    }

    string? IStorageBackend.PathOf(string name) => PathOf(name);

    ValueTask IStorageBackend.KeepAsync(
        string name,
        TemporaryFile file,
        bool flush,
        CancellationToken cancellationToken
    )
    {
        Keep(name, file, flush);
        return ValueTask.CompletedTask;
    }

    ValueTask IStorageBackend.FlushAsync(CancellationToken cancellationToken)
    {
        FlushAll();
        return ValueTask.CompletedTask;
    }

    ValueTask<long?> IStorageBackend.SizeAsync(string name, CancellationToken cancellationToken) =>
        ValueTask.FromResult<long?>(new FileInfo(PathOf(name)) is { Exists: true } info ? info.Length : null);

    IAsyncEnumerable<string> IStorageBackend.ListAsync(string prefix, CancellationToken cancellationToken) =>
        List(prefix).ToAsyncEnumerable();

    ValueTask<DateTimeOffset?> IStorageBackend.KeptAtAsync(string name, CancellationToken cancellationToken) =>
        ValueTask.FromResult<DateTimeOffset?>(
            new FileInfo(PathOf(name)) is { Exists: true } info ? new DateTimeOffset(info.LastWriteTimeUtc) : null
        );

    ValueTask IStorageBackend.DeleteAsync(string name, CancellationToken cancellationToken)
    {
        Delete(name);
        return ValueTask.CompletedTask;
    }

    ValueTask IStorageBackend.DeleteAllAsync(string prefix, CancellationToken cancellationToken)
    {
        DeleteAll(prefix);
        return ValueTask.CompletedTask;
    }

    ValueTask<int> IStorageBackend.RemoveAbandonedAsync(DateTimeOffset before, CancellationToken cancellationToken) =>
        ValueTask.FromResult(RemoveAbandoned(before));

    /// <summary>A new file in the same file system as a directory, which is made where it isn't there.</summary>
    private string Beside(string parent)
    {
        var temporary = Path.Combine(_root, Temporary);
        directory.Make(temporary);
        if (!Directory.Exists(parent))
        {
            _flushed.Forget(parent);
            directory.Make(parent);
        }

        return Path.Combine(temporary, Guid.NewGuid().ToString("N"));
    }

    private string ParentOf(string path) => Path.GetDirectoryName(path) ?? _root;
}
