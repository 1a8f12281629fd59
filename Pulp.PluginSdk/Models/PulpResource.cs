using Pulp.PluginSdk.Fields;

namespace Pulp.PluginSdk.Models;

/// <summary>What every resource has.</summary>
public abstract record PulpResource
{
    /// <summary>UUID version 7: ids sort by creation.</summary>
    [Field("Id.", Internal = true)]
    public Guid PulpId { get; init; }

    /// <summary>When it was created.</summary>
    [Field("Timestamp of creation.", ReadOnly = true)]
    public DateTimeOffset PulpCreated { get; init; }

    /// <summary>When it last changed.</summary>
    [Field("Timestamp of the last time this resource was updated.", ReadOnly = true)]
    public DateTimeOffset PulpLastUpdated { get; init; }
}

/// <summary>
/// A kind of resource that plugins extend: the base record is the master table, the plugin's record the detail table.
/// </summary>
public abstract record MasterResource : PulpResource
{
    /// <summary><c>app.type</c>, which says the detail table.</summary>
    [Field("Kind of the resource.", Internal = true)]
    internal string PulpType { get; init; } = "";
}
