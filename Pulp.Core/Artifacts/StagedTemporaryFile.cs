using Pulp.Core.Platform.Storage;
using Pulp.PluginSdk.Files;

namespace Pulp.Core.Artifacts;

/// <summary>A received file as plugins see it.</summary>
internal class StagedTemporaryFile(TemporaryFile file) : StagedFile
{
    public TemporaryFile File => file;

    /// <summary>Whether it lies again where it lay, when what it was to be stored with wasn't stored.</summary>
    public virtual bool GoesBack => false;

    public override long Size => file.Size;

    public override string Sha256 => file.Digests.Sha256;

    public override string? Digest(string algorithm) => file.Digests[algorithm];

    public override Stream OpenRead() => file.OpenRead();

    public override ValueTask DisposeAsync() => file.DisposeAsync();

    /// <summary>The received file behind what a plugin was given.</summary>
    public static TemporaryFile Of(StagedFile staged) => ((StagedTemporaryFile)staged).File;
}
