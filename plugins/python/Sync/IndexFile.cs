using PulpPython.Names;

namespace PulpPython.Sync;

/// <summary>A file of a release, as an index lists it.</summary>
internal sealed record IndexFile
{
    /// <summary>What its name tells.</summary>
    public required PackageFilename Name { get; init; }

    public required string Filename { get; init; }

    /// <summary>Where it is, absolute, without a fragment.</summary>
    public required string Url { get; init; }

    /// <summary>Hex, small letters; null where the index doesn't say.</summary>
    public string? Sha256 { get; init; }

    /// <summary>The other digests, hex, by algorithm.</summary>
    public IReadOnlyDictionary<string, string> OtherDigests { get; init; } = NoDigests;

    public string RequiresPython { get; init; } = "";

    public long? Size { get; init; }

    public DateTimeOffset? UploadTime { get; init; }

    /// <summary>Why it was yanked (PEP 592), which may be empty; null where it wasn't.</summary>
    public string? Yanked { get; init; }

    /// <summary>Whether the index has its metadata beside it (PEP 658).</summary>
    public bool HasMetadata { get; init; }

    /// <summary>The digest of that metadata; null where there is none, or where the index doesn't tell.</summary>
    public string? MetadataSha256 { get; init; }

    /// <summary>Where its provenance is (PEP 740); null where there is none.</summary>
    public string? ProvenanceUrl { get; init; }

    /// <summary>What the index calls it; null where only the file's name says so.</summary>
    public string? PackageType { get; init; }

    /// <summary>What the index says of the interpreters; null where only the file's name does.</summary>
    public string? PythonVersion { get; init; }

    /// <summary>The release, as the index spells it; null where only the file's name does.</summary>
    public string? Version { get; init; }

    private static IReadOnlyDictionary<string, string> NoDigests { get; } =
        new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The release.</summary>
    public string Release => Version ?? Name.Version;

    /// <summary>One of <see cref="PackageTypes"/>.</summary>
    public string Type => PackageType ?? Name.PackageType;
}
