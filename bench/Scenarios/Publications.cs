namespace Pulp.Bench.Scenarios;

/// <summary>Publications: what one costs by itself, and what its files add.</summary>
internal static class Publications
{
    public static async IAsyncEnumerable<Line> RunAsync(Fixture fixture)
    {
        Data.Listed(fixture.Files, "ten", 10_000);
        var empty = await fixture.Api.NewRepositoryAsync();
        var (ten, _, _) = await fixture.MirrorAsync("ten", "on_demand");
        foreach (var (name, repository) in new[] { ("an empty repository", empty), ("10,000 files", ten) })
        {
            var times = new List<double>();
            for (var i = 0; i < 21; i++)
            {
                times.Add(
                    await fixture.MillisecondsOfAsync(
                        await fixture.Api.PostAsync("publications/file/file/", new { repository })
                    )
                );
            }

            yield return Line.Of($"publication of {name}", times);
        }
    }
}
