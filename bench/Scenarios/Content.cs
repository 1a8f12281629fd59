namespace Pulp.Bench.Scenarios;

/// <summary>Content beside nginx on the same files.</summary>
internal static class Content
{
    private const string AsNginx = "rate 1.00, CPU 1.20";

    public static async IAsyncEnumerable<Line> RunAsync(Fixture fixture)
    {
        Data.Files(fixture.Files, "small", 10_000);
        Data.Files(fixture.Files, "hundred", 100_000);
        Data.Flat(fixture.Files, "flat");
        var (_, small, _) = await fixture.MirrorAsync("small", "immediate");
        yield return await CompareAsync(fixture, "GET 1 KiB, one file", small, "small", "d1/f1.bin", AsNginx);
        yield return await CompareAsync(fixture, "GET unknown path", small, "small", "nope", AsNginx);
        yield return await CompareAsync(
            fixture,
            "GET 1 KiB, 1,000 files in turn",
            small,
            "small",
            "",
            AsNginx,
            [.. Enumerable.Range(0, 1_000).Select(i => $"d{i % 100}/f{i}.bin")]
        );
        yield return await CompareAsync(
            fixture,
            "GET 100 bytes of 1 KiB (Range)",
            small,
            "small",
            "d1/f1.bin",
            AsNginx,
            headers: ["Range: bytes=100-199"]
        );

        var (_, flat, _) = await fixture.MirrorAsync("flat", "immediate");
        yield return await CompareAsync(
            fixture,
            "listing of 10,000 entries",
            flat,
            "flat",
            "all/",
            "",
            headers: ["Accept: text/html"],
            connections: 4
        );

        var (_, hundred, _) = await fixture.MirrorAsync("hundred", "immediate");
        yield return await CompareAsync(
            fixture,
            "GET 1 KiB, 100,000 files in turn",
            hundred,
            "hundred",
            "",
            AsNginx,
            [.. Enumerable.Range(0, 100_000).Select(i => $"d{i % 100}/f{i}.bin")],
            seconds: 6
        );
    }

    public static async IAsyncEnumerable<Line> LargeAsync(Fixture fixture)
    {
        Data.Large(fixture.Files, "large");
        var (_, path, _) = await fixture.MirrorAsync("large", "immediate");
        foreach (var connections in new[] { 1, 8 })
        {
            yield return await CompareAsync(
                fixture,
                $"GET 200 MB, {connections} at once",
                path,
                "large",
                "large.bin",
                "rate 1.00, CPU 1.50",
                connections: connections,
                seconds: 3
            );
        }

        yield return await CompareAsync(
            fixture,
            "GET 1 MB of 200 MB (Range)",
            path,
            "large",
            "large.bin",
            "",
            headers: ["Range: bytes=100000000-100999999"],
            connections: 8
        );
    }

    private static async Task<Line> CompareAsync(
        Fixture fixture,
        string name,
        string ours,
        string theirs,
        string file,
        string aim,
        IReadOnlyList<string>? cycle = null,
        string[]? headers = null,
        int connections = 32,
        int seconds = 2
    )
    {
        var (measured, reference) = await Measuring.AlternateAsync(
            () => MeasureAsync(fixture.Server.Url, ours, fixture.Process),
            () => MeasureAsync(Fixture.Nginx, $"/{theirs}/", fixture.NginxProcesses)
        );
        return Line.Of(name, measured, reference, "nginx", aim);

        Task<Measured> MeasureAsync(string server, string path, IReadOnlyList<int> processes) =>
            Measuring.WrkAsync(
                server + path + file,
                processes,
                connections,
                seconds,
                cycle is null ? null : Measuring.Cycle(fixture.Scratch, cycle.Select(c => path + c)),
                headers
            );
    }
}
