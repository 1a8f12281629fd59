namespace Pulp.Core.Platform.Storage;

/// <summary>
/// Keeps the files of artifacts under their names (<see cref="ArtifactFiles.NameOf"/>): one implementation for each storage class.
/// A file is whole under its name from the first moment and never changes. What they all have to pass is
/// <c>StorageConformanceTests</c>.
/// </summary>
internal interface IStorageBackend
{
    /// <summary>Keeps a received file; whatever is there under its name gives way.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="file">It is finished. A backend that has no use for it where it lies leaves it there.</param>
    /// <param name="flush">False where <see cref="FlushAsync"/> follows for a whole batch.</param>
    /// <param name="cancellationToken">Stops it; nothing is there under the name then that wasn't before.</param>
    ValueTask KeepAsync(string name, TemporaryFile file, bool flush, CancellationToken cancellationToken);

    /// <summary>The same with bytes that come from another backend.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="content">Its bytes.</param>
    /// <param name="cancellationToken">Stops it; nothing is there under the name then that wasn't before.</param>
    ValueTask CopyAsync(string name, Stream content, CancellationToken cancellationToken);

    /// <summary>Returns when all that was kept so far survives a power failure.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    ValueTask FlushAsync(CancellationToken cancellationToken);

    /// <summary>The bytes of a file; null where there is none.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Stops it.</param>
    ValueTask<long?> SizeAsync(string name, CancellationToken cancellationToken);

    /// <summary>The names of the files that begin so, in any order. What comes or goes meanwhile may be among them or not.</summary>
    /// <param name="prefix">The beginning, with a slash at its end.</param>
    /// <param name="cancellationToken">Stops it.</param>
    IAsyncEnumerable<string> ListAsync(string prefix, CancellationToken cancellationToken);

    /// <summary>When a file was kept, or its bytes were received; null where there is none.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Stops it.</param>
    ValueTask<DateTimeOffset?> KeptAtAsync(string name, CancellationToken cancellationToken);

    /// <summary>Opens a file for reading. A backend that has to ask for it does so when it is first read.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="from">The first byte to read.</param>
    /// <exception cref="FileNotFoundException">There is none: now, or when it is first read.</exception>
    Stream OpenRead(string name, long from = 0);

    /// <summary>Where a file lies on this host's disk, for the kernel to send it; null where it doesn't.</summary>
    /// <param name="name">Its name.</param>
    string? PathOf(string name);

    /// <summary>Removes a file; one that isn't there is no error.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Stops it.</param>
    ValueTask DeleteAsync(string name, CancellationToken cancellationToken);

    /// <summary>Removes everything whose name begins so.</summary>
    /// <param name="prefix">The beginning, with a slash at its end.</param>
    /// <param name="cancellationToken">Stops it.</param>
    ValueTask DeleteAllAsync(string prefix, CancellationToken cancellationToken);

    /// <summary>Removes what was begun and never became whole, because its writers are gone; answers how much that was.</summary>
    /// <param name="before">Nobody has touched it since then.</param>
    /// <param name="cancellationToken">Stops it.</param>
    ValueTask<int> RemoveAbandonedAsync(DateTimeOffset before, CancellationToken cancellationToken);
}
