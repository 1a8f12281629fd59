using Pulp.Core.Platform.Downloads;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Platform.Storage;
using Pulp.PluginSdk.Files;

namespace Pulp.Core.Artifacts;

/// <summary>Stored files as plugins get at them.</summary>
internal sealed class PluginArtifacts(
    ArtifactStore artifacts,
    ArtifactFiles files,
    FileStorage storage,
    RequestOrigin origin
) : IArtifacts
{
    public async Task<StagedFile> StageAsync(Stream body, FileExpectation expected, CancellationToken cancellationToken)
    {
        var file = await storage.WriteAsync(body, storage.LimitFor(expected.MaxSize), cancellationToken);
        try
        {
            Expectation.Of(expected).Verify("The file", file.Size, file.Digests);
            return new StagedTemporaryFile(file);
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }

    public Task<Artifact> KeepAsync(StagedFile file, CancellationToken cancellationToken) =>
        artifacts.SaveAsync(origin.Value.Reach.Domain, StagedTemporaryFile.Of(file), cancellationToken);

    public async Task<Artifact?> FindAsync(string sha256, CancellationToken cancellationToken)
    {
        var digest = sha256.ToLowerInvariant();
        return (
            await artifacts.FindAndTouchAsync(origin.Value.Reach.Domain, [digest], cancellationToken)
        ).GetValueOrDefault(digest);
    }

    public ValueTask<Stream> OpenAsync(Artifact artifact, CancellationToken cancellationToken)
    {
        try
        {
            return ValueTask.FromResult(files.OpenRead(artifact.File));
        }
        catch (FileNotFoundException)
        {
            throw new NotFoundException($"The stored file with SHA-256 {artifact.Sha256} is gone.");
        }
    }
}
