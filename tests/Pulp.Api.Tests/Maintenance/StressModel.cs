using System.Collections.Concurrent;
using System.Globalization;

namespace Pulp.Api.Tests.Maintenance;

/// <summary>What the repositories must hold after what was done to them: a map of relative path to digest for each version.</summary>
internal sealed class StressModel
{
    private readonly ConcurrentQueue<Done> _done = [];
    private readonly Dictionary<(string Repository, long Number), Dictionary<string, string>> _versions = [];

    /// <summary>Notes a completed task that changed, or may have changed, a repository.</summary>
    public void Completed(JsonNode task, string repository, Change change) =>
        _done.Enqueue(
            new Done(
                DateTimeOffset.Parse((string?)task["started_at"] ?? "", CultureInfo.InvariantCulture),
                repository,
                change,
                MadeNumber(task, repository),
                task.ToJsonString()
            )
        );

    /// <summary>The versions that exist in the end, as they must be.</summary>
    /// <remarks>Tasks on one repository run one after the other, so when they started says in which order.</remarks>
    public IReadOnlyDictionary<(string Repository, long Number), Dictionary<string, string>> Replay(
        IEnumerable<string> repositories
    )
    {
        _versions.Clear();
        foreach (var repository in repositories)
        {
            _versions[(repository, 0)] = [];
        }

        foreach (var done in _done.OrderBy(d => d.Started))
        {
            if (done.Change is Change.DeleteVersion deleted)
            {
                _versions.Remove((done.Repository, deleted.Number));
                continue;
            }

            var latest = Latest(done.Repository);
            var expected = Apply(done.Change, latest);
            if (done.Made is { } number)
            {
                Assert.That(_versions.TryAdd((done.Repository, number), expected), $"made twice: {done.Task}");
            }
            else
            {
                Assert.That(expected, Is.EquivalentTo(latest), $"a version is missing: {done.Task}");
            }
        }

        return _versions;
    }

    private Dictionary<string, string> Latest(string repository) =>
        _versions.Where(v => v.Key.Repository == repository).MaxBy(v => v.Key.Number).Value;

    private static Dictionary<string, string> Apply(Change change, Dictionary<string, string> before)
    {
        var after = change is Change.Sync { Mirror: true } ? [] : new Dictionary<string, string>(before);
        if (change is Change.Modify { Removed: var removed })
        {
            foreach (var unit in removed.Where(u => after.GetValueOrDefault(u.Path) == u.Sha256))
            {
                after.Remove(unit.Path);
            }
        }

        foreach (var unit in change.Added)
        {
            after[unit.Path] = unit.Sha256;
        }

        return after;
    }

    private static long? MadeNumber(JsonNode task, string repository)
    {
        var made = (task["created_resources"]?.AsArray() ?? [])
            .Select(r => (string?)r ?? "")
            .SingleOrDefault(r => r.StartsWith(repository + "versions/", StringComparison.Ordinal));
        return made is null ? null : NumberOf(made);
    }

    public static long NumberOf(string version) =>
        long.Parse(version.TrimEnd('/').Split('/')[^1], CultureInfo.InvariantCulture);

    private sealed record Done(DateTimeOffset Started, string Repository, Change Change, long? Made, string Task);
}

/// <summary>A file under its path: what identifies a unit of the file plugin.</summary>
internal sealed record Unit(string Path, string Text)
{
    public string Sha256 { get; } =
        Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(Text)));
}

/// <summary>What a task does to a repository.</summary>
internal abstract record Change(IReadOnlyList<Unit> Added)
{
    public sealed record Modify(IReadOnlyList<Unit> Added, IReadOnlyList<Unit> Removed) : Change(Added);

    public sealed record Sync(IReadOnlyList<Unit> Added, bool Mirror) : Change(Added);

    public sealed record DeleteVersion(long Number) : Change([]);
}
