namespace Pulp.Bench.Scenarios;

/// <summary>Version arithmetic: what a step costs beside what it doesn't touch.</summary>
internal static class Versions
{
    public static async IAsyncEnumerable<Line> RunAsync(Fixture fixture)
    {
        Data.Listed(fixture.Files, "ten", 10_000);
        Data.Listed(fixture.Files, "many", 100_000);
        foreach (var (directory, count) in new[] { ("ten", "10,000"), ("many", "100,000") })
        {
            var (repository, _, _) = await fixture.MirrorAsync(directory, "on_demand");
            yield return Line.Of($"one more unit in {count}", await OneMoreAsync(fixture, repository), "50 ms");
        }
    }

    public static async IAsyncEnumerable<Line> MillionAsync(Fixture fixture)
    {
        const int Count = 1_000_000;
        Data.Listed(fixture.Files, "million", Count);
        var (repository, seconds) = ("", 0.0);
        var cost = await Measuring.CostAsync(
            fixture.Process,
            async () => (repository, _, seconds) = await fixture.MirrorAsync("million", "on_demand")
        );
        yield return Line.Of("sync of 1,000,000 units on_demand", Line.Number($"{Count / seconds:F0} units/s"), cost);
        yield return Line.Of("one more unit in 1,000,000", await OneMoreAsync(fixture, repository), "50 ms");

        var version = await fixture.Api.LatestAsync(repository);
        foreach (
            var (name, query) in new[]
            {
                ("first page of 100 of 1,000,000", $"repository_version={version}"),
                ("last page of 100 of 1,000,000", $"repository_version={version}&offset=999900"),
                ("what the last version added (diff)", $"repository_version_added={version}"),
            }
        )
        {
            yield return Line.Of(
                name,
                await Measuring.TimesAsync(11, () => fixture.Api.GetAsync($"content/file/files/?limit=100&{query}"))
            );
        }

        // The second version: its one unit becomes the third's.
        yield return new Line(
            "deletion of an old version",
            Line.Number(
                $"{await fixture.MillisecondsOfAsync(await fixture.Api.DeleteAsync(repository + "versions/2/")):F0} ms"
            )
        );
        yield return await Start.ReadyAsync(fixture, "with 1,000,000 units");
        yield return await Pressure.PageThroughAsync(fixture, version, Count);
    }

    public static async IAsyncEnumerable<Line> OrphansAsync(Fixture fixture)
    {
        Data.Listed(fixture.Files, "ten", 10_000);
        Data.Listed(fixture.Files, "more", 110_000);
        var (repository, _, _) = await fixture.MirrorAsync("more", "on_demand");
        await fixture.Api.CompletedAsync(await fixture.Api.DeleteAsync(repository));
        await fixture.MirrorAsync("ten", "on_demand");
        var seconds = 0.0;
        var cost = await Measuring.CostAsync(
            fixture.Process,
            async () =>
                seconds = await fixture.SecondsOfAsync(
                    (await fixture.Api.PostAsync("orphans/cleanup/", new { orphan_protection_time = 0 })).Task
                )
        );
        yield return Line.Of("clean-up of 100,000 orphans among 110,000 units", Line.Number($"{seconds:F1} s"), cost);
    }

    private static async Task<IReadOnlyList<double>> OneMoreAsync(Fixture fixture, string repository)
    {
        await fixture.Api.CompletedAsync(await fixture.Api.PatchAsync(repository, new { autopublish = false }));
        var times = new List<double>();
        for (var i = 0; i < 11; i++)
        {
            var unit = await fixture.Api.NewFileAsync($"new/{Guid.NewGuid()}", "one more");
            times.Add(
                await fixture.MillisecondsOfAsync(
                    await fixture.Api.PostAsync(repository + "modify/", new { add_content_units = new[] { unit } })
                )
            );
        }

        return times;
    }
}
