using Pulp.PluginSdk.Fields;
using Pulp.PluginSdk.Models;

namespace Pulp.TestPlugins.Wheels;

/// <summary>What every kind of file of a release has.</summary>
public abstract record Release : Content
{
    /// <summary>The release.</summary>
    [Field("The version of the release.", ReadOnly = true, Filter = Lookups.Text)]
    public string Version { get; init; } = "";
}

/// <summary>A file of a release.</summary>
[Unique(nameof(Sha256))]
[RepositoryKey(nameof(Filename))]
public sealed record Wheel : Release
{
    /// <summary>The project.</summary>
    [Field("The name of the project.", ReadOnly = true, Filter = Lookups.Text)]
    public string Name { get; init; } = "";

    /// <summary>The file's name.</summary>
    [Field("The name of the file.", Filter = Lookups.Text)]
    public required string Filename { get; init; }

    /// <summary>What the release says of itself in a line.</summary>
    [Field("One line about the project.", ReadOnly = true)]
    public string Summary { get; init; } = "";

    /// <summary>SHA-256 of the file, hex.</summary>
    [Field("SHA-256 of the file.", Internal = true, Filter = Lookups.Exact)]
    public string Sha256 { get; init; } = "";

    /// <summary>The answer of an index that it came with; empty for an upload.</summary>
    [Field("ETag of the index's answer.", Internal = true)]
    public string Tag { get; init; } = "";
}

/// <summary>An index of projects.</summary>
public sealed record WheelRemote : Remote;

/// <summary>A repository of wheels.</summary>
public sealed record WheelRepository : Repository;

/// <summary>An index of its own.</summary>
public sealed record WheelDistribution : PublishedDistribution;

/// <summary>A version whose projects were written down.</summary>
public sealed record WheelPublication : Publication;
