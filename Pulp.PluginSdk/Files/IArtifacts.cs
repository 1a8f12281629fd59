using Pulp.PluginSdk.Models;

namespace Pulp.PluginSdk.Files;

/// <summary>Stored files: takes in new ones and reads those that are there.</summary>
public interface IArtifacts
{
    /// <summary>Receives a file into temporary storage; its digests are computed while it comes.</summary>
    /// <param name="body">The bytes.</param>
    /// <param name="expected">What it must turn out to be.</param>
    /// <param name="cancellationToken">Stops it; nothing is left then.</param>
    /// <exception cref="Errors.DigestException">It isn't what was expected.</exception>
    /// <exception cref="Errors.FileTooLargeException">It is longer than allowed.</exception>
    Task<StagedFile> StageAsync(Stream body, FileExpectation expected, CancellationToken cancellationToken);

    /// <summary>
    /// Keeps a file as an artifact, or finds the one of the same bytes. Nothing refers to it yet: orphan clean-up may remove it when
    /// its protection time is over. Where it belongs to a unit that is stored next, give the staged file to that instead
    /// (<see cref="Sync.DeclaredArtifact"/>).
    /// </summary>
    /// <param name="file">The file; it can't be read or kept again afterwards.</param>
    /// <param name="cancellationToken">Stops it.</param>
    Task<Artifact> KeepAsync(StagedFile file, CancellationToken cancellationToken);

    /// <summary>The artifact of these bytes; null when there is none.</summary>
    /// <param name="sha256">SHA-256, hex.</param>
    /// <param name="cancellationToken">Stops it.</param>
    Task<Artifact?> FindAsync(string sha256, CancellationToken cancellationToken);

    /// <summary>Opens an artifact's file for reading, from any place in it.</summary>
    /// <param name="artifact">The artifact.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="Errors.NotFoundException">The file is gone.</exception>
    ValueTask<Stream> OpenAsync(Artifact artifact, CancellationToken cancellationToken);
}
