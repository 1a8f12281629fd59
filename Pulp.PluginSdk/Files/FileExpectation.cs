namespace Pulp.PluginSdk.Files;

/// <summary>What a file must turn out to be.</summary>
public sealed record FileExpectation
{
    /// <summary>Any file.</summary>
    public static FileExpectation None { get; } = new();

    /// <summary>Bytes; null for any number.</summary>
    public long? Size { get; init; }

    /// <summary>No file may have more bytes than this; null for the server's own limit.</summary>
    public long? MaxSize { get; init; }

    /// <summary>SHA-256, hex; null for any.</summary>
    public string? Sha256 { get; init; }

    /// <summary>
    /// Other digests, hex, by algorithm name (<c>md5</c>, <c>sha1</c>, <c>sha224</c>, <c>sha384</c>, <c>sha512</c>). Those of
    /// algorithms that the server's settings don't allow aren't looked at.
    /// </summary>
    public IReadOnlyDictionary<string, string>? OtherDigests { get; init; }
}
