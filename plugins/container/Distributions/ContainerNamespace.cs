using Pulp.PluginSdk.Fields;
using Pulp.PluginSdk.Models;

namespace PulpContainer.Distributions;

/// <summary>Whose images they are: the first part of their names.</summary>
public sealed record ContainerNamespace : PulpResource
{
    /// <summary>The name.</summary>
    [Field("The first part of the images' names.", Filter = Lookups.Text, Unique = true)]
    public required string Name { get; init; }

    /// <summary>Labels as JSON.</summary>
    [Field("Labels.", Json = JsonShape.Labels)]
    public string PulpLabels { get; init; } = "{}";
}
