using Pulp.PluginSdk.Fields;

namespace Pulp.PluginSdk.Models;

/// <summary>Base of every content unit. Units are immutable and shared by all repositories that hold them.</summary>
public abstract record Content : MasterResource
{
    /// <summary>Labels as JSON.</summary>
    [Field("A dictionary of arbitrary key/value pairs used to describe this unit.", Json = JsonShape.Labels)]
    public string PulpLabels { get; init; } = "{}";

    /// <summary>When a repository last added, or an upload last touched, the unit: orphans are protected for a while.</summary>
    [Field("Last time the unit was of interest.", Internal = true)]
    public DateTimeOffset TimestampOfInterest { get; init; }
}

/// <summary>A stored file, addressed by its digests. Digests that aren't allowed by the settings are null.</summary>
public sealed record Artifact : PulpResource
{
    /// <summary>Path below the storage's root.</summary>
    [Field("The stored file.", ReadOnly = true)]
    public string File { get; init; } = "";

    /// <summary>Bytes.</summary>
    [Field("The size of the file in bytes.", ReadOnly = true)]
    public long Size { get; init; }

    /// <summary>MD5, hex.</summary>
    [Field("The MD5 checksum of the file if available.", ReadOnly = true, Filter = Lookups.Exact)]
    public string? Md5 { get; init; }

    /// <summary>SHA-1, hex.</summary>
    [Field("The SHA-1 checksum of the file if available.", ReadOnly = true, Filter = Lookups.Exact)]
    public string? Sha1 { get; init; }

    /// <summary>SHA-224, hex.</summary>
    [Field("The SHA-224 checksum of the file if available.", ReadOnly = true, Filter = Lookups.Exact)]
    public string? Sha224 { get; init; }

    /// <summary>SHA-256, hex: the artifact's address.</summary>
    [Field("The SHA-256 checksum of the file if available.", ReadOnly = true, Filter = Lookups.Exact)]
    public required string Sha256 { get; init; }

    /// <summary>SHA-384, hex.</summary>
    [Field("The SHA-384 checksum of the file if available.", ReadOnly = true, Filter = Lookups.Exact)]
    public string? Sha384 { get; init; }

    /// <summary>SHA-512, hex.</summary>
    [Field("The SHA-512 checksum of the file if available.", ReadOnly = true, Filter = Lookups.Exact)]
    public string? Sha512 { get; init; }

    /// <summary>When it was last of interest: orphans are protected for a while.</summary>
    [Field("Last time the file was of interest.", Internal = true)]
    public DateTimeOffset TimestampOfInterest { get; init; }
}
