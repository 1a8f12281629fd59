namespace Pulp.Api.Tests.Repositories;

/// <summary>
/// Versions are stored as intervals; whatever is done to a repository, each of its versions holds what it held when it was made.
/// Random histories beside a model that keeps every version as a set.
/// </summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class VersionHistoryTests(Engine engine) : ApiFixture(engine)
{
    private const int Paths = 5;
    private const int Steps = 40;
    private readonly List<Unit> _units = [];

    /// <summary>Two units have each path: a version holds one of them at most.</summary>
    private sealed record Unit(string Href, int Path);

    [OneTimeSetUp]
    public async Task UploadAsync()
    {
        for (var i = 0; i < 2 * Paths; i++)
        {
            _units.Add(new Unit(await Api.NewFileAsync($"path{i % Paths}", $"{i} {Guid.NewGuid()}"), i % Paths));
        }
    }

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    [TestCase(4)]
    public async Task Every_version_stays_what_it_was(int seed)
    {
        var random = new Random(seed);
        var repository = await Api.NewRepositoryAsync();
        var versions = new SortedDictionary<long, HashSet<Unit>> { [0] = [] };
        for (var step = 0; step < Steps; step++)
        {
            if (random.Next(5) == 0 && versions.Count > 1)
            {
                var number = versions.Keys.ElementAt(random.Next(1, versions.Count));
                await Api.CompletedAsync(await Api.DeleteAsync($"{repository}versions/{number}/"));
                versions.Remove(number);
            }
            else
            {
                await ModifyAsync(repository, random, versions);
            }
        }

        foreach (var (number, units) in versions)
        {
            await CheckAsync($"{repository}versions/{number}/", units, Before(versions, number));
        }

        Assert.That(await Api.LatestAsync(repository), Does.EndWith($"/versions/{versions.Keys.Max()}/"));
    }

    private static HashSet<Unit> Before(SortedDictionary<long, HashSet<Unit>> versions, long number) =>
        versions.LastOrDefault(v => v.Key < number).Value ?? [];

    private async Task ModifyAsync(string repository, Random random, SortedDictionary<long, HashSet<Unit>> versions)
    {
        // Of each path one at most: two newcomers of one path are refused, which another test shows.
        var added = _units.OrderBy(_ => random.Next()).Take(random.Next(Paths)).DistinctBy(u => u.Path).ToList();
        var removed = _units.Except(added).OrderBy(_ => random.Next()).Take(random.Next(Paths)).ToList();
        var based = random.Next(4) == 0 ? versions.Keys.ElementAt(random.Next(versions.Count)) : versions.Keys.Max();
        var task = await Api.CompletedAsync(
            await Api.PostAsync(
                repository + "modify/",
                new
                {
                    add_content_units = added.Select(u => u.Href),
                    remove_content_units = removed.Select(u => u.Href),
                    base_version = $"{repository}versions/{based}/",
                }
            )
        );
        var expected = versions[based]
            .Except(removed)
            .Where(u => added.TrueForAll(a => a.Path != u.Path))
            .Concat(added)
            .ToHashSet();
        var latest = versions[versions.Keys.Max()];
        var made = task["created_resources"]?.AsArray() is [{ } href, ..] ? (string?)href : null;
        Assert.That(made is not null, Is.EqualTo(!expected.SetEquals(latest)), task.ToJsonString());
        if (made is not null)
        {
            versions[long.Parse(made.TrimEnd('/').Split('/')[^1], System.Globalization.CultureInfo.InvariantCulture)] =
                expected;
        }
    }

    private async Task CheckAsync(string version, HashSet<Unit> units, HashSet<Unit> before)
    {
        var summary = (await Api.GetAsync(version)).Json?["content_summary"];
        int Count(string what) => (int?)summary?[what]?["file.file"]?["count"] ?? 0;
        var added = await ListAsync("repository_version_added", version);
        var removed = await ListAsync("repository_version_removed", version);
        var present = await ListAsync("repository_version", version);
        Assert.Multiple(() =>
        {
            Assert.That(present, Is.EquivalentTo(units.Select(u => u.Href)), version);
            Assert.That(added, Is.EquivalentTo(units.Except(before).Select(u => u.Href)), "added by " + version);
            Assert.That(removed, Is.EquivalentTo(before.Except(units).Select(u => u.Href)), "removed by " + version);
            Assert.That(
                (Count("present"), Count("added"), Count("removed")),
                Is.EqualTo((present.Count, added.Count, removed.Count)),
                "the summary of " + version
            );
        });
    }

    private async Task<IReadOnlyList<string>> ListAsync(string filter, string version)
    {
        var list = await Api.GetAsync($"content/file/files/?limit=1000&fields=pulp_href&{filter}={version}");
        return [.. list.Results.Select(r => (string?)r["pulp_href"] ?? "")];
    }
}
