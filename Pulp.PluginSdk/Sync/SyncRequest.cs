namespace Pulp.PluginSdk.Sync;

/// <summary>What a sync is asked for with, as in the API.</summary>
public sealed record SyncRequest
{
    /// <summary>Where from; null for the repository's own remote.</summary>
    public Guid? Remote { get; init; }

    /// <summary>Whether what upstream lacks is removed.</summary>
    public bool Mirror { get; init; }

    /// <summary>Whether an unchanged upstream is skipped.</summary>
    public bool Optimize { get; init; } = true;

    /// <summary>The plan's own options, a record of the type that the plan says; null for their defaults.</summary>
    public object? Options { get; init; }
}
