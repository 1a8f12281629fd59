using Pulp.PluginSdk.Fields;
using Pulp.PluginSdk.Models;

namespace PulpPython.Distributions;

/// <summary>An index of packages below a base path.</summary>
public sealed record PythonDistribution : PublishedDistribution
{
    /// <summary>Whether packages may be uploaded to the index.</summary>
    [Field("Whether packages may be uploaded to this index.")]
    public bool AllowUploads { get; init; } = true;

    /// <summary>Where it asks for what it hasn't.</summary>
    [Field("The remote that is asked for what the index hasn't (pull-through caching).", References = typeof(Remote))]
    public Guid? Remote { get; init; }
}
