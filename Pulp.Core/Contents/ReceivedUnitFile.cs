using Pulp.Core.Artifacts;
using Pulp.Core.Platform.Storage;
using Pulp.PluginSdk.Files;

namespace Pulp.Core.Contents;

/// <summary>The file of a unit that is being made, with those that its plugin makes of it.</summary>
internal sealed class ReceivedUnitFile(
    Artifact artifact,
    string? name,
    long? caller,
    Database database,
    FileStorage storage,
    ArtifactFiles files
) : UploadedFile, IAsyncDisposable
{
    private readonly List<StagedTemporaryFile> _more = [];

    public override Artifact Artifact => artifact;

    public override string? Name => name;

    public override long? CallerId => caller;

    public override IDb Db { get; } = new PluginDb(database);

    public override Stream OpenRead() => files.OpenRead(artifact.File);

    public override async Task<StagedFile> StageAsync(Stream body, CancellationToken cancellationToken)
    {
        var staged = new StagedTemporaryFile(
            await storage.WriteAsync(body, storage.LimitFor(own: null), cancellationToken)
        );
        _more.Add(staged);
        return staged;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var file in _more)
        {
            await file.DisposeAsync();
        }
    }
}
