using Pulp.Core.Platform.Storage;
using Pulp.PluginSdk.Files;

namespace Pulp.Core.Serving;

/// <summary>A file that is stored already, as what is staged looks to plugins. It stays where it is.</summary>
internal sealed class StoredFileView(ArtifactFiles files, Artifact artifact) : StagedFile
{
    public override long Size => artifact.Size;

    public override string Sha256 => artifact.Sha256;

    public override string? Digest(string algorithm) =>
        algorithm switch
        {
            "md5" => artifact.Md5,
            "sha1" => artifact.Sha1,
            "sha224" => artifact.Sha224,
            "sha256" => artifact.Sha256,
            "sha384" => artifact.Sha384,
            "sha512" => artifact.Sha512,
            _ => null,
        };

    public override Stream OpenRead() => files.OpenRead(artifact.File);

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
