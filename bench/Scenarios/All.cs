namespace Pulp.Bench.Scenarios;

/// <summary>A scenario: yields its lines as they are measured, on a server of its own.</summary>
internal delegate IAsyncEnumerable<Line> Scenario(Fixture fixture);

/// <summary>Every scenario, by the name it is asked for.</summary>
internal static class All
{
    public static readonly (string Name, Scenario Run)[] Named =
    [
        ("content", Content.RunAsync),
        ("guarded", Guarded.RunAsync),
        ("roles", Roles.RunAsync),
        ("large", Content.LargeAsync),
        ("task", Tasks.LatencyAsync),
        ("queue", Tasks.ThroughputAsync),
        ("api", Api.RunAsync),
        ("sync", Sync.ImmediateAsync),
        ("ondemand", Sync.OnDemandAsync),
        ("python", Python.RunAsync),
        ("caches", Python.CachesAsync),
        ("rounds", Python.RoundsAsync),
        ("pulls", Container.PullsAsync),
        ("pushes", Container.PushesAsync),
        ("versions", Versions.RunAsync),
        ("tags", Tags.RunAsync),
        ("publications", Publications.RunAsync),
        ("start", Start.EmptyAsync),
        ("uploads", Api.UploadsAsync),
        ("pressure", Pressure.RunAsync),
        ("orphans", Versions.OrphansAsync),
        ("million", Versions.MillionAsync),
    ];
}
