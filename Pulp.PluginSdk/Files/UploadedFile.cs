using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Models;

namespace Pulp.PluginSdk.Files;

/// <summary>The file that a client sent, or named, for a unit of a kind that is made from a file.</summary>
public abstract class UploadedFile
{
    private protected UploadedFile() { }

    /// <summary>The stored file, with its size and digests.</summary>
    public abstract Artifact Artifact { get; }

    /// <summary>The file's name as the client has it, without directories; null where it wasn't told.</summary>
    public abstract string? Name { get; }

    /// <summary>Account of who sent it; null for nobody.</summary>
    public abstract long? CallerId { get; }

    /// <summary>The database, for what the unit depends on.</summary>
    public abstract IDb Db { get; }

    /// <summary>Opens it for reading, from any place in it.</summary>
    public abstract Stream OpenRead();

    /// <summary>Makes one more file of the unit, such as what was read from the uploaded one; it is kept together with the unit.</summary>
    /// <param name="body">The bytes.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public abstract Task<StagedFile> StageAsync(Stream body, CancellationToken cancellationToken);
}
