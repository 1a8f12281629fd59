using Pulp.PluginSdk.Models;

namespace Pulp.PluginSdk.Publishing;

/// <summary>Writes a publication's metadata. The task, the transaction and the publication's row are not its business.</summary>
/// <typeparam name="TPublication">The publication's kind.</typeparam>
public abstract class Publisher<TPublication>
    where TPublication : Publication
{
    /// <summary>Declares what the publication serves. What it throws fails the task, and the publication isn't made.</summary>
    /// <param name="publication">The publication.</param>
    /// <param name="writer">Takes it.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public abstract Task WriteAsync(
        TPublication publication,
        IPublicationWriter writer,
        CancellationToken cancellationToken
    );
}

/// <summary>Takes what a publication serves.</summary>
public interface IPublicationWriter
{
    /// <summary>Serves every unit of the version under its own relative path.</summary>
    void PassThrough();

    /// <summary>The version's units of one kind with the digests of their files, by relative path.</summary>
    /// <typeparam name="TContent">The kind.</typeparam>
    /// <param name="cancellationToken">Stops it.</param>
    IAsyncEnumerable<PublishedUnit<TContent>> ContentAsync<TContent>(CancellationToken cancellationToken)
        where TContent : Content;

    /// <summary>Adds a metadata file.</summary>
    /// <param name="relativePath">Where it is served.</param>
    /// <param name="write">Writes it.</param>
    /// <param name="cancellationToken">Stops it.</param>
    Task AddMetadataAsync(string relativePath, Func<Stream, Task> write, CancellationToken cancellationToken);
}

/// <summary>A unit of the version that is published.</summary>
/// <typeparam name="TContent">Its kind.</typeparam>
public sealed record PublishedUnit<TContent>
{
    /// <summary>The unit.</summary>
    public required TContent Content { get; init; }

    /// <summary>Path of its file.</summary>
    public required string RelativePath { get; init; }

    /// <summary>The file's SHA-256, hex; null when nobody knows it yet.</summary>
    public string? Sha256 { get; init; }

    /// <summary>The file's size in bytes; null when nobody knows it yet.</summary>
    public long? Size { get; init; }
}
