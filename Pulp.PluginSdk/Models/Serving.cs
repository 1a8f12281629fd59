using Pulp.PluginSdk.Fields;

namespace Pulp.PluginSdk.Models;

/// <summary>The files of a repository version together with the metadata that clients need.</summary>
public abstract record Publication : MasterResource
{
    /// <summary>The version that is published.</summary>
    [Field("The repository version this publication is of.", Internal = true)]
    public Guid RepositoryVersionId { get; init; }

    /// <summary>Whether it can be served.</summary>
    [Field("Whether it is complete.", Internal = true)]
    internal bool Complete { get; init; }

    /// <summary>Whether units are served under their own paths without being listed one by one.</summary>
    [Field("Whether units are served under their own paths.", Internal = true)]
    public bool PassThrough { get; init; }

    /// <summary>Kept as a dated snapshot.</summary>
    [Field("Whether this publication is a checkpoint.", Filter = Lookups.Exact)]
    public bool Checkpoint { get; init; }
}

/// <summary>Makes a repository, version or publication available under a base path.</summary>
public abstract record Distribution : MasterResource
{
    /// <summary>Where it is served, below the content prefix.</summary>
    [Field(
        "The base (relative) path component of the published url. Avoid paths that overlap with other distribution base paths.",
        Filter = Lookups.Exact | Lookups.Contains | Lookups.IContains | Lookups.In,
        Unique = true
    )]
    public required string BasePath { get; init; }

    /// <summary>Asked before anything is served.</summary>
    [Field("An optional content-guard.", References = typeof(ContentGuard))]
    public Guid? ContentGuard { get; init; }

    /// <summary>Left out of the list of distributions.</summary>
    [Field("Whether this distribution is left out of the content application's listing.")]
    public bool Hidden { get; init; }

    /// <summary>Labels as JSON.</summary>
    [Field("Labels.", Json = JsonShape.Labels)]
    public string PulpLabels { get; init; } = "{}";

    /// <summary>Unique name.</summary>
    [Field("A unique name.", Filter = Lookups.Text, Unique = true)]
    public required string Name { get; init; }

    /// <summary>The newest servable state of this repository is served.</summary>
    [Field(
        "The latest version of this repository will be served.",
        References = typeof(Repository),
        Filter = Lookups.Exact | Lookups.In
    )]
    public Guid? Repository { get; init; }

    /// <summary>This version is served.</summary>
    [Field("This repository version will be served.", References = typeof(RepositoryVersionRef))]
    public Guid? RepositoryVersion { get; init; }
}

/// <summary>A distribution of a kind that serves publications.</summary>
public abstract record PublishedDistribution : Distribution
{
    /// <summary>This publication is served.</summary>
    [Field("Publication to be served.", References = typeof(Publication))]
    public Guid? Publication { get; init; }

    /// <summary>Whether dated checkpoints are served.</summary>
    [Field("Whether checkpoint publications are served under their dates.", Filter = Lookups.Exact)]
    public bool Checkpoint { get; init; }
}

/// <summary>Decides who may download.</summary>
public abstract record ContentGuard : MasterResource
{
    /// <summary>Unique name.</summary>
    [Field("The unique name.", Filter = Lookups.Text, Unique = true)]
    public required string Name { get; init; }

    /// <summary>Description.</summary>
    [Field("An optional description.")]
    public string? Description { get; init; }
}

/// <summary>A second place where files of known digest may be fetched from.</summary>
public abstract record AlternateContentSource : MasterResource
{
    /// <summary>Unique name.</summary>
    [Field("Name of the alternate content source.", Filter = Lookups.Text, Unique = true)]
    public required string Name { get; init; }

    /// <summary>When its contents were last read.</summary>
    [Field("Date of the last refresh.", ReadOnly = true)]
    public DateTimeOffset? LastRefreshed { get; init; }

    /// <summary>Where it is.</summary>
    [Field("The remote to provide alternate content source.", References = typeof(Remote))]
    public required Guid Remote { get; init; }
}
