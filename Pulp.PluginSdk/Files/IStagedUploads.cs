using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Models;

namespace Pulp.PluginSdk.Files;

/// <summary>
/// Uploads that come in pieces, in order, over any number of requests: what has come is held, for all processes, until it is
/// committed, cancelled or expires. It survives a client that goes away in the middle of a piece, and a restart of the server.
/// </summary>
public interface IStagedUploads
{
    /// <summary>Begins an upload.</summary>
    /// <param name="owner">What it belongs to, in the plugin's own words, such as a repository and a user.</param>
    /// <param name="expiry">How long it is held after the last piece.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>Its id.</returns>
    Task<Guid> BeginAsync(string owner, TimeSpan expiry, CancellationToken cancellationToken);

    /// <summary>
    /// Begins an upload under an id of the plugin's own, such as one that it gave out before anything came; one that has begun stays as
    /// it is.
    /// </summary>
    /// <param name="id">Its id, new in the whole installation.</param>
    /// <param name="owner">What it belongs to.</param>
    /// <param name="expiry">How long it is held after the last piece.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>False where one of that id has begun before, whoever owns it.</returns>
    Task<bool> BeginAsync(Guid id, string owner, TimeSpan expiry, CancellationToken cancellationToken);

    /// <summary>An upload as it stands; null when there is none, or no longer.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="cancellationToken">Stops it.</param>
    Task<StagedUpload?> FindAsync(Guid id, CancellationToken cancellationToken);

    /// <summary>
    /// Adds a piece. When the client goes away, what has come is kept, and the exception goes on: the next piece begins where
    /// <see cref="FindAsync"/> says.
    /// </summary>
    /// <param name="id">The upload.</param>
    /// <param name="from">Where the piece begins; null for the end of what is there.</param>
    /// <param name="body">The bytes.</param>
    /// <param name="cancellationToken">Stops it; what has come is kept.</param>
    /// <returns>How many bytes there are now.</returns>
    /// <exception cref="Errors.NotFoundException">There is no such upload.</exception>
    /// <exception cref="Errors.UploadRangeException">The piece doesn't begin at the end of what is there.</exception>
    /// <exception cref="Errors.ConflictException">Another piece is being added, or all of it is being stored.</exception>
    /// <exception cref="Errors.FileTooLargeException">There would be more bytes than the server takes.</exception>
    Task<long> AppendAsync(Guid id, long? from, Stream body, CancellationToken cancellationToken);

    /// <summary>
    /// Adds a piece to an upload of an owner, which begins with it where there is none of that id: what <see cref="BeginAsync(Guid,
    /// string, TimeSpan, CancellationToken)"/> and the other <c>AppendAsync</c> do together.
    /// </summary>
    /// <param name="id">Its id, new in the whole installation where it begins.</param>
    /// <param name="owner">What it belongs to; one that belongs to another isn't found.</param>
    /// <param name="expiry">How long it is held after the last piece.</param>
    /// <param name="from">Where the piece begins; null for the end of what is there.</param>
    /// <param name="body">The bytes.</param>
    /// <param name="cancellationToken">Stops it; what has come is kept.</param>
    /// <returns>How many bytes there are now.</returns>
    /// <exception cref="Errors.NotFoundException">The upload of that id is another's, or somebody has begun one meanwhile.</exception>
    /// <exception cref="Errors.UploadRangeException">The piece doesn't begin at the end of what is there.</exception>
    /// <exception cref="Errors.ConflictException">Another piece is being added, or all of it is being stored.</exception>
    /// <exception cref="Errors.FileTooLargeException">There would be more bytes than the server takes.</exception>
    Task<long> AppendAsync(
        Guid id,
        string owner,
        TimeSpan expiry,
        long? from,
        Stream body,
        CancellationToken cancellationToken
    );

    /// <summary>
    /// Makes an artifact of what has come; the upload is gone then. Digests were computed while it came: no byte is read again, unless
    /// the pieces came through several processes.
    /// </summary>
    /// <param name="id">The upload.</param>
    /// <param name="expected">What the file must turn out to be.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="Errors.NotFoundException">There is no such upload.</exception>
    /// <exception cref="Errors.DigestException">It isn't what was expected; the upload stays.</exception>
    /// <exception cref="Errors.ConflictException">A piece is being added, or all of it is being stored.</exception>
    Task<Artifact> CommitAsync(Guid id, FileExpectation expected, CancellationToken cancellationToken);

    /// <summary>
    /// Takes what has come as a file that <see cref="Contents.IContents"/> stores with a unit. <see cref="EndAsync"/> in the same
    /// transaction makes it the upload's end; without, the upload stays as it is when the file is disposed.
    /// </summary>
    /// <param name="id">The upload; nobody adds to it before the file is disposed.</param>
    /// <param name="expected">What the file must turn out to be.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="Errors.NotFoundException">There is no such upload.</exception>
    /// <exception cref="Errors.DigestException">It isn't what was expected; the upload stays.</exception>
    /// <exception cref="Errors.ConflictException">A piece is being added, or all of it is being stored.</exception>
    Task<StagedFile> TakeAsync(Guid id, FileExpectation expected, CancellationToken cancellationToken);

    /// <summary>Ends an upload whose file a transaction stores: it is gone when that is committed.</summary>
    /// <param name="file">What <see cref="TakeAsync"/> answered.</param>
    /// <param name="tx">The transaction.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="Errors.NotFoundException">There is no such upload any more; the transaction must not be committed.</exception>
    Task EndAsync(StagedFile file, IDb tx, CancellationToken cancellationToken);

    /// <summary>Forgets an upload and its bytes; one that isn't there is no error.</summary>
    /// <param name="id">The upload.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="Errors.ConflictException">A piece is being added, or all of it is being stored.</exception>
    Task CancelAsync(Guid id, CancellationToken cancellationToken);

    /// <summary>
    /// Forgets an upload that nothing came for, in a transaction that stores what came in another way; any other stays.
    /// </summary>
    /// <param name="id">The upload.</param>
    /// <param name="tx">The transaction.</param>
    /// <param name="cancellationToken">Stops it.</param>
    Task ForgetEmptyAsync(Guid id, IDb tx, CancellationToken cancellationToken);
}

/// <summary>An upload as it stands.</summary>
public sealed record StagedUpload
{
    /// <summary>Its id.</summary>
    public Guid Id { get; init; }

    /// <summary>What it belongs to, in the plugin's own words.</summary>
    public string Owner { get; init; } = "";

    /// <summary>How many bytes have come.</summary>
    public long Size { get; init; }

    /// <summary>When it is forgotten, unless a piece comes before.</summary>
    public DateTimeOffset ExpiresAt { get; init; }
}
