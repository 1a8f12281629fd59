using System.Diagnostics;
using System.Security.Cryptography;

namespace Pulp.Bench.Scenarios;

/// <summary>Syncs from nginx on loopback, beside a program that only does what must be done.</summary>
internal static class Sync
{
    public static async IAsyncEnumerable<Line> ImmediateAsync(Fixture fixture)
    {
        Data.Files(fixture.Files, "small", 10_000);
        var (first, repository) = await CompareAsync(fixture, "sync of 10,000 files of 1 KiB, just started", "small");
        yield return first;
        var again = await fixture.SecondsOfAsync((await fixture.Api.PostAsync(repository + "sync/")).Task);
        yield return new Line("repeat of it, unchanged", Line.Number($"{again * 1000:F0} ms")) { Aim = "100 ms" };

        // Other files, when everything is compiled.
        Data.Flat(fixture.Files, "flat");
        yield return (await CompareAsync(fixture, "sync of another 10,000 files of 4 bytes, warm", "flat")).Line;
    }

    private static async Task<(Line Line, string Repository)> CompareAsync(
        Fixture fixture,
        string name,
        string directory
    )
    {
        var plain = await PlainAsync(fixture, directory);
        var (repository, seconds) = ("", 0.0);
        var cost = await Measuring.CostAsync(
            fixture.Process,
            async () => (repository, _, seconds) = await fixture.MirrorAsync(directory, "immediate")
        );
        var line = Line.Of(name, Line.Number($"{seconds:F2} s"), cost, "2 times") with
        {
            Reference = Line.Number($"{plain:F2} s (plain program)"),
            Ratio = Line.Number($"{seconds / plain:F2} times"),
        };
        return (line, repository);
    }

    public static async IAsyncEnumerable<Line> OnDemandAsync(Fixture fixture)
    {
        const int Count = 100_000;
        Data.Listed(fixture.Files, "many", Count);
        Data.Listed(fixture.Files, "turning", Count);
        var (repository, seconds) = ("", 0.0);
        var cost = await Measuring.CostAsync(
            fixture.Process,
            async () => (repository, _, seconds) = await fixture.MirrorAsync("many", "on_demand")
        );
        yield return Line.Of(
            "sync of 100,000 units on_demand, just started",
            Line.Number($"{Count / seconds:F0} units/s"),
            cost,
            "20,000 units/s, 250 MiB"
        );
        var again = await fixture.SecondsOfAsync((await fixture.Api.PostAsync(repository + "sync/")).Task);
        yield return new Line("repeat of it, unchanged", Line.Number($"{again * 1000:F0} ms")) { Aim = "100 ms" };

        // The same units in another repository: nothing is new but their membership.
        cost = await Measuring.CostAsync(
            fixture.Process,
            async () => (repository, _, seconds) = await fixture.MirrorAsync("turning", "on_demand")
        );
        yield return Line.Of(
            "the same 100,000 units into another repository",
            Line.Number($"{Count / seconds:F0} units/s"),
            cost
        );
        Data.Change(fixture.Files, "turning", Count, round: 1);
        var changed = 0.0;
        cost = await Measuring.CostAsync(
            fixture.Process,
            async () =>
                changed = await fixture.SecondsOfAsync(
                    (await fixture.Api.PostAsync(repository + "sync/", new { mirror = true })).Task
                )
        );
        Data.Change(fixture.Files, "turning", Count, round: -1);
        yield return Line.Of("mirror of 100,000 units with 1 % changed", Line.Number($"{changed:F2} s"), cost);
    }

    /// <summary>Downloads, hashes and stores the same files with the same concurrency, and no database.</summary>
    private static async Task<double> PlainAsync(Fixture fixture, string directory)
    {
        await using var disk = await FreshDisk.MountAsync(fixture.Scratch + "-plain");
        var output = disk.Path;
        using var client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 10 });
        for (var i = 0; i < 256; i++)
        {
            Directory.CreateDirectory(Path.Combine(output, i.ToString("x2")));
        }

        var watch = Stopwatch.StartNew();
        var manifest = await client.GetStringAsync($"{Fixture.Nginx}/{directory}/PULP_MANIFEST");
        await Parallel.ForEachAsync(
            manifest.Split('\n', StringSplitOptions.RemoveEmptyEntries),
            new ParallelOptions { MaxDegreeOfParallelism = 10 },
            async (line, token) =>
            {
                var bytes = await client.GetByteArrayAsync($"{Fixture.Nginx}/{directory}/{line.Split(',')[0]}", token);
                var digest = Convert.ToHexStringLower(SHA256.HashData(bytes));
                SHA384.HashData(bytes);
                SHA512.HashData(bytes);
                var target = Path.Combine(output, digest[..2], digest[2..]);
                await File.WriteAllBytesAsync(target + ".tmp", bytes, token);
                File.Move(target + ".tmp", target);
            }
        );
        return watch.Elapsed.TotalSeconds;
    }
}
