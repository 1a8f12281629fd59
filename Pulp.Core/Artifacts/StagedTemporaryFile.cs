using Pulp.Core.Platform.Storage;
using Pulp.PluginSdk.Files;

namespace Pulp.Core.Artifacts;

/// <summary>A received file as plugins see it.</summary>
internal sealed class StagedTemporaryFile(TemporaryFile file) : StagedFile
{
    public TemporaryFile File => file;

    public override long Size => file.Size;

    public override string Sha256 => file.Digests.Sha256;

    public override string? Digest(string algorithm) => file.Digests[algorithm];

    public override Stream OpenRead() => file.OpenRead();

    public override ValueTask DisposeAsync() => file.DisposeAsync();

    /// <summary>The received file behind what a plugin was given.</summary>
    public static TemporaryFile Of(StagedFile staged) => ((StagedTemporaryFile)staged).File;
}
