namespace Pulp.Bench.Scenarios;

/// <summary>A scenario: yields its lines as they are measured, on a server of its own.</summary>
internal delegate IAsyncEnumerable<Line> Scenario(Fixture fixture);

/// <summary>Every scenario, by the name it is asked for.</summary>
internal static class All
{
    public static readonly (string Name, Scenario Run)[] Named =
    [
        ("content", Content.RunAsync),
        ("large", Content.LargeAsync),
        ("sync", Sync.ImmediateAsync),
        ("ondemand", Sync.OnDemandAsync),
        ("versions", Versions.RunAsync),
        ("million", Versions.MillionAsync),
        ("orphans", Versions.OrphansAsync),
        ("task", Tasks.LatencyAsync),
        ("queue", Tasks.ThroughputAsync),
        ("api", Api.RunAsync),
        ("uploads", Api.UploadsAsync),
        ("start", Start.EmptyAsync),
        ("pressure", Pressure.RunAsync),
    ];
}
