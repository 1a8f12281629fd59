using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Fields;
using Pulp.PluginSdk.Models;

namespace Pulp.PluginSdk.Plugin;

/// <summary>What a kind's rules may ask, and where they say what is wrong.</summary>
/// <typeparam name="T">The kind's record.</typeparam>
public sealed record ValidationContext<T>
    where T : PulpResource
{
    /// <summary>Takes what is wrong.</summary>
    public required ValidationErrors Errors { get; init; }

    /// <summary>The database, for reading: a rule changes nothing.</summary>
    public required IDb Db { get; init; }

    /// <summary>The resource as it is now; null when it is being created.</summary>
    public T? Current { get; init; }

    /// <summary>Whether it is being created.</summary>
    public bool IsCreate => Current is null;
}
