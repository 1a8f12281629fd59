using System.Text.Json;
using PulpPython.Names;
using PulpPython.Versions;

namespace PulpPython.Vulnerabilities;

/// <summary>An advisory in OSV's form: which versions of which projects are affected.</summary>
internal sealed class Advisory(JsonElement json)
{
    private const string Ecosystem = "PyPI";

    /// <summary>The advisory as it was read.</summary>
    public JsonElement Json => json;

    /// <summary>The projects that it is about, normalized; none for other ecosystems.</summary>
    public IEnumerable<string> Projects =>
        Affected().Select(ProjectOf).Where(p => p.Length > 0).Distinct(StringComparer.Ordinal);

    /// <summary>Whether a release is affected: named, or within a range of versions.</summary>
    /// <param name="project">Its normalized name.</param>
    /// <param name="version">Its version.</param>
    public bool Affects(string project, PythonVersion version) =>
        !IsWithdrawn
        && Affected()
            .Where(affected => ProjectOf(affected) == project)
            .Any(affected => IsNamed(affected, version) || IsWithin(affected, version));

    private bool IsWithdrawn => Text(json, "withdrawn") is not null;

    private IEnumerable<JsonElement> Affected() => Items(json, "affected");

    private static string ProjectOf(JsonElement affected) =>
        affected.ValueKind == JsonValueKind.Object
        && affected.TryGetProperty("package", out var package)
        && Text(package, "ecosystem") == Ecosystem
        && Text(package, "name") is { Length: > 0 } name
        && ProjectName.IsValid(name)
            ? ProjectName.Normalize(name)
            : "";

    private static bool IsNamed(JsonElement affected, PythonVersion version) =>
        Items(affected, "versions")
            .Any(v =>
                v.ValueKind == JsonValueKind.String
                && PythonVersion.TryParse(v.GetString(), out var named)
                && named == version
            );

    private static bool IsWithin(JsonElement affected, PythonVersion version) =>
        Items(affected, "ranges")
            .Where(range => Text(range, "type") == "ECOSYSTEM")
            .Any(range => IsWithinRange(range, version));

    /// <summary>The events, in the order of their versions, switch between affected and not.</summary>
    private static bool IsWithinRange(JsonElement range, PythonVersion version)
    {
        var isAffected = false;
        foreach (var (name, at) in Events(range).OrderBy(e => e.At, Comparer<PythonVersion?>.Default))
        {
            switch (name)
            {
                case "introduced" when at is null || at <= version:
                    isAffected = true;
                    break;
                case "fixed" when at <= version:
                case "last_affected" when at < version:
                    isAffected = false;
                    break;
            }
        }

        return isAffected;
    }

    /// <summary>A version of null is the beginning of all, which OSV writes as 0.</summary>
    private static IEnumerable<(string Name, PythonVersion? At)> Events(JsonElement range)
    {
        foreach (var one in Items(range, "events"))
        {
            foreach (var name in new[] { "introduced", "fixed", "last_affected" })
            {
                if (Text(one, name) is "0")
                {
                    yield return (name, null);
                }
                else if (PythonVersion.TryParse(Text(one, name), out var at))
                {
                    yield return (name, at);
                }
            }
        }
    }

    private static IEnumerable<JsonElement> Items(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object
        && json.TryGetProperty(name, out var list)
        && list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray()
            : [];

    private static string? Text(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object
        && json.TryGetProperty(name, out var value)
        && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}
