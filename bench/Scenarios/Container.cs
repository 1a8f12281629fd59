using System.Diagnostics;
using System.Security.Cryptography;

namespace Pulp.Bench.Scenarios;

/// <summary>A registry beside nginx on the same bytes, beside docker-registry where that is installed, and beside the disk.</summary>
internal static class Container
{
    private const int Small = 4096;
    private const int Large = 200_000_000;
    private const int Pushed = 500_000_000;
    private const int Connections = 8;
    private const int Images = 1_000;
    private const int WarmUpImages = 2_000;

    public static async IAsyncEnumerable<Line> PullsAsync(Fixture fixture)
    {
        using var docker = await DockerRegistry.StartAsync(fixture.Scratch);
        var (ours, theirs) = Clients(fixture, docker);
        using var first = ours;
        using var second = theirs;
        foreach (var line in await PullsAsync(fixture, ours, theirs, docker))
        {
            yield return line;
        }
    }

    public static async IAsyncEnumerable<Line> PushesAsync(Fixture fixture)
    {
        using var docker = await DockerRegistry.StartAsync(fixture.Scratch);
        var (ours, theirs) = Clients(fixture, docker);
        using var first = ours;
        using var second = theirs;

        // Until the hot code is compiled for the machine, which a server that runs for days has long behind it.
        await RateAsync(fixture.Process, ours, isOne: true, WarmUpImages);
        foreach (var isOne in new[] { false, true })
        {
            yield return await SmallImagesAsync(fixture.Process, ours, isOne, theirs, docker);
        }

        yield return await LargePushAsync(fixture, ours);
    }

    private static (ImageClient Ours, ImageClient? Theirs) Clients(Fixture fixture, DockerRegistry? docker) =>
        (
            new ImageClient(fixture.Server.Url, "admin", TestServer.Password),
            docker is null ? null : new ImageClient(docker.Url, user: null, password: null)
        );

    private static async Task<IReadOnlyList<Line>> PullsAsync(
        Fixture fixture,
        ImageClient ours,
        ImageClient? theirs,
        DockerRegistry? docker
    )
    {
        var (small, large) = (RandomNumberGenerator.GetBytes(Small), RandomNumberGenerator.GetBytes(Large));
        var directory = Directory.CreateDirectory(Path.Combine(fixture.Files, "blobs")).FullName;
        await File.WriteAllBytesAsync(Path.Combine(directory, "small"), small);
        await File.WriteAllBytesAsync(Path.Combine(directory, "large"), large);
        var image = new SmallImage(small);
        foreach (var client in new[] { ours, theirs }.OfType<ImageClient>())
        {
            await client.PushAsync("bench/app", "1.0", image);
        }

        await ours.PushAsync("bench/large", "1.0", new SmallImage(large));
        var lines = new List<Line>();
        foreach (var reference in new[] { "1.0", image.Digest })
        {
            var path = $"/v2/bench/app/manifests/{reference}";
            var name = $"GET manifest by {(reference == "1.0" ? "tag" : "digest")}";
            lines.Add(
                docker is null
                    ? Line.Of(name, await MeasureAsync(fixture.Server.Url + path, fixture.Process), "CPU 40 us")
                    : await BesideAsync(name, path, docker.Url + path, docker.Processes, "docker-registry", "CPU 40 us")
            );
        }

        var blob = $"/v2/bench/app/blobs/{image.LayerDigest}";
        lines.Add(await BesideNginxAsync("GET blob of 4 KiB", blob, "small", "rate 1.00", 32));
        if (docker is not null)
        {
            lines.Add(
                await BesideAsync("GET blob of 4 KiB", blob, docker.Url + blob, docker.Processes, "docker-registry", "")
            );
        }

        var big = $"/v2/bench/large/blobs/{SmallImage.DigestOf(large)}";
        lines.Add(await BesideNginxAsync("GET blob of 200 MB, 1 at once", big, "large", "rate 1.00", 1));
        lines.Add(await BesideNginxAsync("GET blob of 200 MB, 8 at once", big, "large", "rate 1.00", 8));
        return lines;

        Task<Line> BesideNginxAsync(string name, string path, string file, string aim, int connections) =>
            BesideAsync(name, path, $"{Fixture.Nginx}/blobs/{file}", fixture.NginxProcesses, "nginx", aim, connections);

        async Task<Line> BesideAsync(
            string name,
            string path,
            string reference,
            IReadOnlyList<int> processes,
            string what,
            string aim,
            int connections = 32
        )
        {
            var (measured, other) = await Measuring.AlternateAsync(
                () => MeasureAsync(fixture.Server.Url + path, fixture.Process, connections),
                () => MeasureAsync(reference, processes, connections)
            );
            return Line.Of(name, measured, other, what, aim);
        }
    }

    private static Task<Measured> MeasureAsync(string url, IReadOnlyList<int> processes, int connections = 32) =>
        Measuring.WrkAsync(url, processes, connections, seconds: 2, headers: ["Accept: " + SmallImage.MediaType]);

    private static async Task<Line> SmallImagesAsync(
        IReadOnlyList<int> processes,
        ImageClient ours,
        bool isOne,
        ImageClient? theirs,
        DockerRegistry? docker
    )
    {
        var name = $"small images pushed over {Connections} connections, {(isOne ? "one repository" : "each its own")}";
        var (rate, cost) = await RateAsync(processes, ours, isOne, Images);
        var line = Line.Of(name, Line.Number($"{rate:F0}/s"), cost, "300/s");
        if (theirs is null || docker is null)
        {
            return line;
        }

        var (reference, _) = await RateAsync(docker.Processes, theirs, isOne, Images / 4);
        return line with
        {
            Reference = Line.Number($"{reference:F0}/s (docker-registry)"),
            Ratio = Line.Number($"{rate / reference:F2} times the rate"),
        };
    }

    private static async Task<(double Rate, Cost Cost)> RateAsync(
        IReadOnlyList<int> processes,
        ImageClient client,
        bool isOne,
        int count
    )
    {
        var images = Enumerable
            .Range(0, count)
            .Select(_ => new SmallImage(RandomNumberGenerator.GetBytes(1024)))
            .ToList();
        var run = Guid.NewGuid().ToString("N")[..8];
        await client.PushAsync($"bench/{run}", "warm", images[0]);
        var cost = await Measuring.CostAsync(
            processes,
            () =>
                Parallel.ForEachAsync(
                    Enumerable.Range(0, count),
                    new ParallelOptions { MaxDegreeOfParallelism = Connections },
                    async (i, _) =>
                        await client.PushAsync(isOne ? $"bench/{run}" : $"bench/{run}-{i}", $"t{i}", images[i])
                )
        );
        return (count / cost.Seconds, cost);
    }

    private static async Task<Line> LargePushAsync(Fixture fixture, ImageClient ours)
    {
        var bytes = RandomNumberGenerator.GetBytes(Pushed);
        var local = await LocalAsync(fixture.Scratch, bytes);
        var digest = SmallImage.DigestOf(bytes);
        var cost = await Measuring.CostAsync(fixture.Process, () => ours.PushBlobAsync("bench/pushed", bytes, digest));
        local = Math.Min(local, await LocalAsync(fixture.Scratch, bytes));
        return Line.Of("push of 500 MB", Line.Number($"{Pushed / cost.Seconds / 1e6:F0} MB/s"), cost, "0.90") with
        {
            Reference = Line.Number($"{Pushed / local / 1e6:F0} MB/s (sha256 and written here)"),
            Ratio = Line.Number($"{local / cost.Seconds:F2} times the rate"),
        };
    }

    /// <summary>Seconds that hashing and writing take without a server.</summary>
    private static async Task<double> LocalAsync(string directory, byte[] bytes)
    {
        var path = Path.Combine(directory, "local");
        var watch = Stopwatch.StartNew();
        await using (var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0))
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            for (var at = 0; at < bytes.Length; at += 64 * 1024)
            {
                var piece = bytes.AsMemory(at, Math.Min(64 * 1024, bytes.Length - at));
                hash.AppendData(piece.Span);
                await file.WriteAsync(piece);
            }

            file.Flush(flushToDisk: true);
        }

        var seconds = watch.Elapsed.TotalSeconds;
        File.Delete(path);
        return seconds;
    }
}
