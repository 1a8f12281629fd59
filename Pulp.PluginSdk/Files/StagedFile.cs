namespace Pulp.PluginSdk.Files;

/// <summary>A file that was received and isn't kept yet. Disposing it removes it, unless somebody kept it.</summary>
public abstract class StagedFile : IAsyncDisposable
{
    private protected StagedFile() { }

    /// <summary>Bytes.</summary>
    public abstract long Size { get; }

    /// <summary>SHA-256, hex.</summary>
    public abstract string Sha256 { get; }

    /// <summary>Another digest, hex; null where the server's settings don't allow the algorithm.</summary>
    /// <param name="algorithm"><c>md5</c>, <c>sha1</c>, <c>sha224</c>, <c>sha256</c>, <c>sha384</c> or <c>sha512</c>.</param>
    public abstract string? Digest(string algorithm);

    /// <summary>Opens it for reading, from any place in it. The stream is closed before the file is kept or disposed.</summary>
    public abstract Stream OpenRead();

    /// <inheritdoc />
    public abstract ValueTask DisposeAsync();
}
