using Pulp.PluginSdk.Fields;
using Pulp.PluginSdk.Models;

namespace PulpFile;

/// <summary>A file under a path.</summary>
[Unique(nameof(RelativePath), nameof(Digest))]
[RepositoryKey(nameof(RelativePath))]
public sealed record FileContent : Content
{
    /// <summary>Where the file is found below a distribution's base path.</summary>
    [Field("Path where the file is located relative to the distribution's base path.", Filter = Lookups.Text)]
    public required string RelativePath { get; init; }

    /// <summary>SHA-256 of the file, hex.</summary>
    [Field("SHA-256 of the file.", Internal = true, Filter = Lookups.Exact, FilterName = "sha256")]
    public string Digest { get; init; } = "";
}

/// <summary>A directory with a manifest (PULP_MANIFEST).</summary>
public sealed record FileRemote : Remote;

/// <summary>A repository of files.</summary>
public sealed record FileRepository : Repository
{
    /// <summary>Publish each new version.</summary>
    [Field("Whether to automatically create publications for new repository versions.")]
    public bool Autopublish { get; init; }

    /// <summary>Name of the manifest of automatic publications; null for none.</summary>
    [Field("Filename to use for manifest file containing metadata for all the files.")]
    public string? Manifest { get; init; } = FileManifest.DefaultName;
}

/// <summary>The files of a version under their paths, with a manifest.</summary>
public sealed record FilePublication : Publication
{
    /// <summary>Name of the manifest; null for none.</summary>
    [Field("Filename to use for manifest file containing metadata for all the files.")]
    public string? Manifest { get; init; } = FileManifest.DefaultName;
}

/// <summary>Serves files under a base path.</summary>
public sealed record FileDistribution : PublishedDistribution;

/// <summary>A second place of files.</summary>
public sealed record FileAlternateContentSource : AlternateContentSource;
