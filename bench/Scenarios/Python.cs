using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;

namespace Pulp.Bench.Scenarios;

/// <summary>Python indexes: a sync beside a program that only fetches and reads the same pages, and pages beside nginx with the same bytes.</summary>
internal static class Python
{
    private const int Projects = 1_000;
    private const string Json = "application/vnd.pypi.simple.v1+json";

    public static async IAsyncEnumerable<Line> RunAsync(Fixture fixture)
    {
        PythonIndex.Projects(fixture.Files, "python", Projects, files: 20);
        PythonIndex.Projects(fixture.Files, "other", Projects, files: 20);
        var (first, repository) = await CompareAsync(fixture, "1,000 projects of 20 files, just started", "python");
        yield return first;
        var again = await fixture.SecondsOfAsync(
            (await fixture.Api.PostAsync(repository + "sync/", new { mirror = true })).Task
        );
        yield return new Line("repeat of it, unchanged", Line.Number($"{again * 1000:F0} ms"));
        yield return (await CompareAsync(fixture, "another 1,000 projects, warm", "other")).Line;

        PythonIndex.Sizes(fixture.Files, "sizes", ("many-files", 2_000), ("few-files", 5));
        var (_, path, _) = await MirrorAsync(fixture, "sizes", ["many-files", "few-files"]);
        foreach (var (project, files) in new[] { ("many-files", "2,000"), ("few-files", "5") })
        {
            foreach (var accept in new[] { "text/html", Json })
            {
                yield return await PageAsync(fixture, path, project, $"{files} files", accept, gzip: false);
                yield return await PageAsync(fixture, path, project, $"{files} files", accept, gzip: true);
            }
        }
    }

    /// <summary>Pages of an index that has nothing itself and asks a remote for everything.</summary>
    public static async IAsyncEnumerable<Line> CachesAsync(Fixture fixture)
    {
        PythonIndex.Sizes(fixture.Files, "sizes", ("many-files", 2_000), ("few-files", 5));
        var (path, _) = await CacheAsync(fixture, "sizes");
        foreach (var (project, files) in new[] { ("many-files", "2,000"), ("few-files", "5") })
        {
            yield return await PageAsync(fixture, path, project, $"{files} files through a cache", Json, gzip: true);
        }
    }

    /// <summary>What the server keeps of the same work done again and again: whole syncs, pages through a cache, and names that nobody has.</summary>
    public static async IAsyncEnumerable<Line> RoundsAsync(Fixture fixture)
    {
        PythonIndex.Projects(fixture.Files, "python", Projects, files: 20);
        string[] projects = [.. Enumerable.Range(0, Projects).Select(i => $"python-project-{i}")];
        var (repository, _, _) = await MirrorAsync(fixture, "python", projects);
        for (var round = 1; round <= 5; round++)
        {
            var sync = await fixture.Api.PostAsync(repository + "sync/", new { mirror = true, optimize = false });
            var seconds = await fixture.SecondsOfAsync(sync.Task);
            yield return Kept(fixture, $"python: sync {round} of the same 1,000 projects, all read again", seconds);
        }

        var (path, _) = await CacheAsync(fixture, "python");
        for (var round = 1; round <= 5; round++)
        {
            var watch = Stopwatch.StartNew();
            await AskAsync(fixture, Enumerable.Range(0, 10_000).Select(i => $"{path}simple/{projects[i % Projects]}/"));
            yield return Kept(fixture, $"python: 10,000 pages of a cache, {round}", watch.Elapsed.TotalSeconds);
        }

        for (var round = 1; round <= 3; round++)
        {
            var watch = Stopwatch.StartNew();
            var names = Enumerable.Range(0, 10_000).Select(i => $"{path}simple/nobody-has-{round}-{i}/");
            await AskAsync(fixture, names);
            yield return Kept(fixture, $"python: 10,000 unknown names of a cache, {round}", watch.Elapsed.TotalSeconds);
        }
    }

    private static Line Kept(Fixture fixture, string name, double seconds) =>
        new(name, Line.Number($"{seconds:F1} s"))
        {
            Server = Line.Number($"{Measuring.ResidentOf(fixture.Server.Id):F0} MiB behind it"),
            Aim = "flat",
        };

    private static Task AskAsync(Fixture fixture, IEnumerable<string> paths) =>
        Parallel.ForEachAsync(
            paths,
            new ParallelOptions { MaxDegreeOfParallelism = 8 },
            async (path, token) =>
            {
                using var answer = await fixture.Api.Http.GetAsync(path, token);
                await answer.Content.ReadAsByteArrayAsync(token);
            }
        );

    /// <summary>An index of a new repository that asks what nginx serves under a directory.</summary>
    private static async Task<(string Path, string Repository)> CacheAsync(Fixture fixture, string directory)
    {
        var name = PulpClient.Unique();
        var remote = await fixture.Api.PostAsync(
            "remotes/python/python/",
            new { name, url = $"{Fixture.Nginx}/{directory}/" }
        );
        var repository = (await fixture.Api.PostAsync("repositories/python/python/", new { name })).Href;
        await fixture.Api.CompletedAsync(
            await fixture.Api.PostAsync(
                "distributions/python/pypi/",
                new
                {
                    name,
                    base_path = name,
                    repository,
                    remote = remote.Href,
                }
            )
        );
        return ($"/pypi/{name}/", repository);
    }

    private static async Task<(Line Line, string Repository)> CompareAsync(
        Fixture fixture,
        string name,
        string directory
    )
    {
        string[] projects = [.. Enumerable.Range(0, Projects).Select(i => $"{directory}-project-{i}")];
        var plain = await PlainAsync(directory, projects);
        var (repository, seconds) = ("", 0.0);
        var cost = await Measuring.CostAsync(
            fixture.Process,
            async () => (repository, _, seconds) = await MirrorAsync(fixture, directory, projects)
        );
        var line = Line.Of($"python: sync of {name}", Line.Number($"{seconds:F2} s"), cost) with
        {
            Reference = Line.Number($"{plain:F2} s (plain program)"),
            Ratio = Line.Number($"{seconds / plain:F2} times"),
        };
        return (line, repository);
    }

    /// <summary>A repository with what an index has of the projects, and an index of it.</summary>
    private static async Task<(string Repository, string Path, double Seconds)> MirrorAsync(
        Fixture fixture,
        string directory,
        string[] projects
    )
    {
        var name = PulpClient.Unique();
        var remote = await fixture.Api.PostAsync(
            "remotes/python/python/",
            new
            {
                name,
                url = $"{Fixture.Nginx}/{directory}/",
                policy = "on_demand",
                includes = projects,
            }
        );
        var repository = (
            await fixture.Api.PostAsync("repositories/python/python/", new { name, remote = remote.Href })
        ).Href;
        var seconds = await fixture.SecondsOfAsync((await fixture.Api.PostAsync(repository + "sync/")).Task);
        await fixture.Api.CompletedAsync(
            await fixture.Api.PostAsync(
                "distributions/python/pypi/",
                new
                {
                    name,
                    base_path = name,
                    repository,
                }
            )
        );
        return (repository, $"/pypi/{name}/", seconds);
    }

    /// <summary>The page as it is sent to a client, and nginx with these bytes as a file.</summary>
    private static async Task<Line> PageAsync(
        Fixture fixture,
        string path,
        string project,
        string files,
        string accept,
        bool gzip
    )
    {
        var url = $"{fixture.Server.Url}{path}simple/{project}/";
        string[] headers = [$"Accept: {accept}", .. gzip ? new[] { "Accept-Encoding: gzip" } : []];
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        foreach (var header in headers)
        {
            var (name, value) = (header.Split(": ")[0], header.Split(": ")[1]);
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var answer = await fixture.Api.Http.SendAsync(request);
        var bytes = await answer.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync();
        var file = $"page-{project}-{(accept == Json ? "json" : "html")}{(gzip ? "-gzip" : "")}";
        await File.WriteAllBytesAsync(Path.Combine(fixture.Files, file), bytes);
        var (ours, theirs) = await Measuring.AlternateAsync(
            () => Measuring.WrkAsync(url, fixture.Process, connections: 32, seconds: 2, headers: headers),
            () => Measuring.WrkAsync($"{Fixture.Nginx}/{file}", fixture.NginxProcesses, connections: 32, seconds: 2)
        );
        var form = $"{(accept == Json ? "JSON" : "HTML")}{(gzip ? ", gzip" : "")}";
        return Line.Of(
            $"python: page of {files}, {form}, {bytes.Length.ToString("N0", CultureInfo.InvariantCulture)} bytes",
            ours,
            theirs,
            "nginx, the same bytes",
            files.StartsWith('5') ? "CPU 40 us" : "CPU 1.50"
        );
    }

    /// <summary>Fetches the pages and details of the projects with the same concurrency, hashes and reads them.</summary>
    private static async Task<double> PlainAsync(string directory, string[] projects)
    {
        using var client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 10 });
        var watch = Stopwatch.StartNew();
        await Parallel.ForEachAsync(
            projects,
            new ParallelOptions { MaxDegreeOfParallelism = 10 },
            async (project, token) =>
            {
                var root = $"{Fixture.Nginx}/{directory}";
                var page = await client.GetByteArrayAsync($"{root}/simple/{project}/", token);
                var details = await client.GetByteArrayAsync($"{root}/pypi/{project}/json", token);
                SHA256.HashData(page);
                SHA256.HashData(details);
                using var document = JsonDocument.Parse(details);
            }
        );
        return watch.Elapsed.TotalSeconds;
    }
}
