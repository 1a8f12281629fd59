using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Pulp.Core.Repositories;

namespace Pulp.Api.Tests.Maintenance;

/// <summary>
/// All that changes repositories and all that cleans up, at once. Afterwards every version must hold what a model of the completed
/// tasks says, and every file must be served whole. PULP_STRESS_SEED repeats the operations of a run (not their interleaving),
/// PULP_STRESS_SECONDS makes it longer.
/// </summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class StressTests(Engine engine) : ApiFixture(engine)
{
    private const int Repositories = 3;
    private const int Paths = 30;

    private readonly StressModel _model = new();
    private readonly List<(string Href, Unit Unit)> _kept = [];
    private readonly ConcurrentBag<string> _wrong = [];
    private readonly ConcurrentDictionary<string, int> _counts = [];
    private readonly List<(string Remote, IReadOnlyList<Unit> Units)> _sources = [];
    private readonly List<string> _repositories = [];
    private readonly List<string> _served = [];

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var given)
            ? given
            : otherwise;

    [Test]
    public async Task Nothing_is_lost_or_mixed_when_everything_happens_at_once()
    {
        var seed = Setting("PULP_STRESS_SEED", Random.Shared.Next());
        await TestContext.Progress.WriteLineAsync($"{Engine}: PULP_STRESS_SEED={seed}");
        await PrepareAsync();
        var watch = Stopwatch.StartNew();
        var end = TimeSpan.FromSeconds(Setting("PULP_STRESS_SECONDS", 12));
        Func<Random, Task>[] actors =
        [
            ModifyAsync,
            ModifyAsync,
            UploadAsync,
            SyncAsync,
            SyncAsync,
            CleanUpAsync,
            ReclaimAsync,
            DeleteVersionAsync,
            ReadAsync,
        ];

        await Task.WhenAll(
            actors.Select(
                (act, at) =>
                    Task.Run(async () =>
                    {
                        var random = new Random(seed + at);
                        do
                        {
                            await act(random);
                        } while (watch.Elapsed < end && _wrong.IsEmpty);
                    })
            )
        );

        await TestContext.Progress.WriteLineAsync(
            string.Join(", ", _counts.OrderBy(c => c.Key, StringComparer.Ordinal).Select(c => $"{c.Value} {c.Key}"))
        );
        Assert.That(_wrong, Is.Empty);
        await CompareAsync();
        Assert.That(_wrong, Is.Empty);
    }

    /// <summary>Upstreams that share paths, and some of the files under them; repositories that publish what they get.</summary>
    private async Task PrepareAsync()
    {
        for (var at = 0; at < 4; at++)
        {
            var units = Enumerable.Range(0, Paths).Where(p => (p + at) % 4 != 0).Select(p => NewUnit(p, at)).ToList();
            foreach (var unit in units)
            {
                Upstream.With($"s{at}/{unit.Path}", unit.Text);
            }

            var lines = units.Select(u => $"{u.Path},{u.Sha256},{u.Text.Length}\n");
            Upstream.With($"s{at}/PULP_MANIFEST", string.Concat(lines));
            var policy = at % 2 == 0 ? "immediate" : "on_demand";
            _sources.Add((await Api.NewRemoteAsync($"{Upstream.Url}/s{at}/PULP_MANIFEST", policy), units));
        }

        // A unit that no clean-up takes is the same one whenever it is asked to be removed.
        for (var path = 0; path < Paths; path++)
        {
            var unit = NewUnit(path, text: 0);
            _kept.Add((await Api.NewFileAsync(unit.Path, unit.Text), unit));
        }

        var add_content_units = _kept.Select(k => k.Href);
        var keeper = await Api.NewRepositoryAsync();
        await Api.CompletedAsync(await Api.PostAsync(keeper + "modify/", new { add_content_units }));

        for (var at = 0; at < Repositories; at++)
        {
            var repository = await Api.NewRepositoryAsync(new { autopublish = true });
            _repositories.Add(repository);

            // The latest version of what is distributed can't be deleted: that of the last repository can.
            if (at < Repositories - 1)
            {
                _served.Add((await Api.NewDistributionAsync(new { repository })).Path);
            }
        }
    }

    /// <summary>Two kinds of text for a path: what one upstream has may be what another has, or an upload.</summary>
    private static Unit NewUnit(int path, int text) => new($"d{path % 3}/f{path}", $"text {path} {text % 3}");

    private Unit AnyUnit(Random random) => NewUnit(random.Next(Paths), random.Next(6));

    private string AnyRepository(Random random) => _repositories[random.Next(_repositories.Count)];

    private async Task ModifyAsync(Random random)
    {
        var units = new Dictionary<string, (string Href, Unit Unit)>();
        foreach (
            var unit in Enumerable.Range(0, random.Next(1, 4)).Select(_ => AnyUnit(random)).DistinctBy(u => u.Path)
        )
        {
            var made = await Api.UploadAsync(
                "content/file/files/upload/",
                Encoding.UTF8.GetBytes(unit.Text),
                new { relative_path = unit.Path }
            );
            if (IsOneOf(made, "upload", 201, 200))
            {
                units[unit.Path] = (made.Href, unit);
            }
        }

        var others = _kept.Where(k => !units.ContainsKey(k.Unit.Path));
        var removed = others.Skip(random.Next(Paths)).Take(random.Next(6)).ToList();
        var repository = AnyRepository(random);
        var started = await Api.PostAsync(
            repository + "modify/",
            new
            {
                add_content_units = units.Values.Select(u => u.Href),
                remove_content_units = removed.Select(u => u.Href),
            }
        );
        if (started.Code == 400 && NamesUnits(started))
        {
            // A clean-up was faster: the client is told so.
            Count("modify refused");
            return;
        }

        var change = new Change.Modify([.. units.Values.Select(u => u.Unit)], [.. removed.Select(r => r.Unit)]);
        await EndAsync(started, "modify", repository, change);
    }

    private async Task UploadAsync(Random random)
    {
        var (unit, repository) = (AnyUnit(random), AnyRepository(random));
        var started = await Api.UploadAsync(
            "content/file/files/",
            Encoding.UTF8.GetBytes(unit.Text),
            new { relative_path = unit.Path, repository }
        );
        await EndAsync(started, "upload into a repository", repository, new Change.Modify([unit], []));
    }

    private async Task SyncAsync(Random random)
    {
        var repository = AnyRepository(random);
        var (remote, units) = _sources[random.Next(_sources.Count)];
        var (mirror, optimize) = (random.Next(3) == 0, random.Next(2) == 0);
        var started = await Api.PostAsync(
            repository + "sync/",
            new
            {
                remote,
                mirror,
                optimize,
            }
        );
        await EndAsync(started, "sync", repository, new Change.Sync(units, mirror));
    }

    private async Task CleanUpAsync(Random random)
    {
        // Without a pause hardly any unit would live from its upload until it is added.
        if (random.Next(4) > 0)
        {
            await ReadAsync(random);
            return;
        }

        await EndAsync(await Api.PostAsync("orphans/cleanup/", new { orphan_protection_time = 0 }), "clean-up");
    }

    private async Task ReclaimAsync(Random random)
    {
        var repo_hrefs = random.Next(2) == 0 ? ["*"] : new[] { AnyRepository(random) };
        await EndAsync(await Api.PostAsync("repositories/reclaim_space/", new { repo_hrefs }), "reclaim");
    }

    private async Task DeleteVersionAsync(Random random)
    {
        var repository = AnyRepository(random);
        var list = await Api.GetAsync(repository + "versions/?limit=100&fields=number");
        var numbers = list.Results.Select(v => (long?)v["number"] ?? 0).Where(n => n > 0).ToList();
        if (numbers.Count > 0)
        {
            var number = numbers[random.Next(numbers.Count)];
            var started = await Api.DeleteAsync($"{repository}versions/{number}/");
            if (started.Code != 404 && !IsAboutServed(started.Text))
            {
                await EndAsync(started, "version deletion", repository, new Change.DeleteVersion(number));
            }
        }
    }

    /// <summary>A file that is served beside all this is whole, and is one that was meant for its path.</summary>
    private async Task ReadAsync(Random random)
    {
        var path = random.Next(Paths);
        var url = _served[random.Next(_served.Count)] + NewUnit(path, 0).Path;
        var answer = await Api.GetAsync(url);
        if (
            IsOneOf(answer, $"GET {url}", 200, 404)
            && answer.Code == 200
            && !Enumerable.Range(0, 3).Any(t => NewUnit(path, t).Text == answer.Text)
        )
        {
            _wrong.Add($"GET {url} answered '{answer.Text}'.");
        }
    }

    private async Task EndAsync(Answer started, string what, string? repository = null, Change? change = null)
    {
        if (!IsOneOf(started, what, 202))
        {
            return;
        }

        var task = await Api.EndOfAsync(started.Task);
        if ((string?)task["state"] == "completed")
        {
            Count(what);
            if (repository is not null && change is not null)
            {
                _model.Completed(task, repository, change);
            }
        }
        else if (change is Change.Modify && IsAboutMissing((string?)task["error"]?["description"] ?? ""))
        {
            // A clean-up began between the request's look at its units and the storing of its task: the client is told so.
            Count($"{what} failed for what was cleaned up");
        }
        else if (what == "version deletion" && IsAboutServed((string?)task["error"]?["description"] ?? ""))
        {
            // It has become the latest of a repository that is distributed, or the only one left.
            Count("version deletion refused");
        }
        else
        {
            _wrong.Add($"{what}: {task.ToJsonString()}");
        }
    }

    /// <summary>The hrefs were right when they were given: all that can be wrong with them is that their units are gone.</summary>
    private static bool NamesUnits(Answer refused) =>
        refused.Json is JsonObject faults && faults.All(f => f.Key is "add_content_units" or "remove_content_units");

    /// <summary>An upload's own file and unit are never in a clean-up's way; what it finds stored may be.</summary>
    private static bool IsAboutMissing(string text) =>
        text.Contains(VersionMembers.UnitsGone().Message, StringComparison.Ordinal);

    private static bool IsAboutServed(string text) =>
        text.Contains("currently being used to distribute", StringComparison.Ordinal);

    private bool IsOneOf(Answer answer, string what, params int[] expected)
    {
        if (expected.Contains(answer.Code))
        {
            return true;
        }

        _wrong.Add($"{what}: {answer.Code} {answer.Text}");
        return false;
    }

    private void Count(string what) => _counts.AddOrUpdate(what, 1, (_, before) => before + 1);

    private async Task CompareAsync()
    {
        var versions = _model.Replay(_repositories);
        foreach (var repository in _repositories)
        {
            var list = await Api.GetAsync(repository + "versions/?limit=1000");
            Assert.That(
                list.Results.Select(v => (long?)v["number"]),
                Is.EquivalentTo(versions.Keys.Where(v => v.Repository == repository).Select(v => (long?)v.Number))
            );
            foreach (var version in list.Results)
            {
                await CompareAsync(version, versions[(repository, (long?)version["number"] ?? 0)]);
            }
        }

        _served.Add((await Api.NewDistributionAsync(new { repository = _repositories[^1] })).Path);
        for (var at = 0; at < Repositories; at++)
        {
            var latest = versions.Where(v => v.Key.Repository == _repositories[at]).MaxBy(v => v.Key.Number);
            await CompareServedAsync(_served[at], latest.Key.Number, latest.Value);
        }
    }

    private async Task CompareAsync(JsonNode version, Dictionary<string, string> expected)
    {
        var href = (string?)version["pulp_href"] ?? "";
        var units = (await FilesAsync($"repository_version={href}")).Results;
        var found = units.ToLookup(u => (string?)u["relative_path"] ?? "", u => (string?)u["sha256"] ?? "");
        Assert.That(found.Where(f => f.Count() > 1).Select(f => f.Key), Is.Empty, $"{href}: twice under a path");
        Assert.That(found.ToDictionary(f => f.Key, f => f.Single()), Is.EquivalentTo(expected), href);
        foreach (var (part, filter) in Summarized)
        {
            var listed = (int?)(await FilesAsync($"{filter}={href}")).Json?["count"];
            var told = (int?)version["content_summary"]?[part]?["file.file"]?["count"] ?? 0;
            Assert.That(told, Is.EqualTo(listed), $"{href}: {part}");
        }
    }

    private static readonly (string Part, string Filter)[] Summarized =
    [
        ("present", "repository_version"),
        ("added", "repository_version_added"),
        ("removed", "repository_version_removed"),
    ];

    private Task<Answer> FilesAsync(string filter) =>
        Api.GetAsync($"content/file/files/?limit=1000&fields=relative_path,sha256&{filter}");

    private async Task CompareServedAsync(string served, long number, Dictionary<string, string> expected)
    {
        // Version 0 is never published, and the publications of deleted versions went with them.
        foreach (var (path, sha256) in number == 0 ? [] : expected)
        {
            var answer = await Api.GetAsync(served + path);
            Assert.That(answer.Code, Is.EqualTo(200), served + path);
            Assert.That(new Unit(path, answer.Text).Sha256, Is.EqualTo(sha256), served + path);
        }
    }
}
