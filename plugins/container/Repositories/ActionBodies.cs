using Pulp.PluginSdk.Fields;
using Pulp.PluginSdk.Models;

namespace PulpContainer.Repositories;

/// <summary>A tag to set.</summary>
public sealed record TagImage
{
    /// <summary>Its name.</summary>
    [Field("The tag's name.")]
    public required string Tag { get; init; }

    /// <summary>What it names.</summary>
    [Field("Digest of a manifest of the repository.")]
    public required string Digest { get; init; }
}

/// <summary>A tag to take away.</summary>
public sealed record UnTagImage
{
    /// <summary>Its name.</summary>
    [Field("The tag's name.")]
    public required string Tag { get; init; }
}

/// <summary>An image to take away.</summary>
public sealed record RemoveImage
{
    /// <summary>Its manifest.</summary>
    [Field("Digest of a manifest of the repository.")]
    public required string Digest { get; init; }
}

/// <summary>Content to add or remove, with what it refers to.</summary>
public sealed record RecursiveManage
{
    /// <summary>The units.</summary>
    [Field("Tags, manifests, blobs and signatures.", References = typeof(Content))]
    public IReadOnlyList<Guid> ContentUnits { get; init; } = [];
}

/// <summary>Tags to copy.</summary>
public sealed record TagCopy
{
    /// <summary>Where they are: in the latest version of this repository.</summary>
    [Field("The repository to copy from.", References = typeof(Repository))]
    public Guid? SourceRepository { get; init; }

    /// <summary>Where they are: in this version.</summary>
    [Field("The repository version to copy from.", References = typeof(RepositoryVersionRef))]
    public Guid? SourceRepositoryVersion { get; init; }

    /// <summary>Their names, a JSON list.</summary>
    [Field("The tags to copy; all where none is named.", Json = JsonShape.ListOfStrings)]
    public string Names { get; init; } = "[]";
}

/// <summary>Manifests to copy.</summary>
public sealed record ManifestCopy
{
    /// <summary>Where they are: in the latest version of this repository.</summary>
    [Field("The repository to copy from.", References = typeof(Repository))]
    public Guid? SourceRepository { get; init; }

    /// <summary>Where they are: in this version.</summary>
    [Field("The repository version to copy from.", References = typeof(RepositoryVersionRef))]
    public Guid? SourceRepositoryVersion { get; init; }

    /// <summary>Their digests, a JSON list.</summary>
    [Field("Digests of the manifests to copy; all where none is named.", Json = JsonShape.ListOfStrings)]
    public string Digests { get; init; } = "[]";

    /// <summary>Their media types, a JSON list.</summary>
    [Field("Media types of the manifests to copy; all where none is named.", Json = JsonShape.ListOfStrings)]
    public string MediaTypes { get; init; } = "[]";
}
