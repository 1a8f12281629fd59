using Pulp.PluginSdk.Fields;
using Pulp.PluginSdk.Models;

namespace Pulp.TestPlugins.Images;

/// <summary>Whose images they are: the first part of their path.</summary>
public sealed record ImageNamespace : PulpResource
{
    /// <summary>The name.</summary>
    [Field("The first part of the images' paths.", Filter = Lookups.Text, Unique = true)]
    public required string Name { get; init; }

    /// <summary>Labels as JSON.</summary>
    [Field("Labels.", Json = JsonShape.Labels)]
    public string PulpLabels { get; init; } = "{}";
}
