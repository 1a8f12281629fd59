using Pulp.PluginSdk.Fields;
using Pulp.PluginSdk.Models;

namespace PulpContainer.Builds;

/// <summary>An image to build.</summary>
public sealed record OCIBuildImage
{
    /// <summary>The instructions, as a file of the build context.</summary>
    [Field("Name of the Containerfile in the build context.")]
    public string? ContainerfileName { get; init; }

    /// <summary>The instructions themselves.</summary>
    [Field("An uploaded Containerfile.", IsFile = true)]
    public string? Containerfile { get; init; }

    /// <summary>The image's tag.</summary>
    [Field("A tag for the image.")]
    public string Tag { get; init; } = "latest";

    /// <summary>Files that the instructions may copy.</summary>
    [Field(
        "Version of a file repository whose files the Containerfile may use.",
        References = typeof(RepositoryVersionRef)
    )]
    public Guid? BuildContext { get; init; }
}
