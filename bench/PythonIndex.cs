using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Pulp.Bench;

/// <summary>An index of Python packages as files that nginx serves: pages in HTML, and the JSON API. Nobody fetches the packages.</summary>
internal static class PythonIndex
{
    /// <summary>About what a project says of itself on PyPI.</summary>
    private static readonly string Description = string.Concat(Enumerable.Repeat("What it does, and how. ", 200));

    /// <summary>Projects of as many files each.</summary>
    public static void Projects(string root, string name, int count, int files) =>
        Once(
            Path.Combine(root, name),
            directory =>
            {
                for (var i = 0; i < count; i++)
                {
                    Project(directory, $"{name}-project-{i}", files);
                }
            }
        );

    /// <summary>A project of many files, and one of few.</summary>
    public static void Sizes(string root, string name, params (string Project, int Files)[] projects) =>
        Once(
            Path.Combine(root, name),
            directory =>
            {
                foreach (var (project, files) in projects)
                {
                    Project(directory, project, files);
                }
            }
        );

    private static void Once(string directory, Action<string> make)
    {
        if (!Directory.Exists(directory))
        {
            make(directory + ".new");
            Directory.Move(directory + ".new", directory);
        }
    }

    private static void Project(string directory, string name, int files)
    {
        var listed = Enumerable.Range(0, files).Select(i => File(name, i)).ToList();
        var simple = Directory.CreateDirectory(Path.Combine(directory, "simple", name)).FullName;
        var details = Directory.CreateDirectory(Path.Combine(directory, "pypi", name)).FullName;
        System.IO.File.WriteAllText(Path.Combine(simple, "index.html"), Page(listed));
        System.IO.File.WriteAllText(Path.Combine(details, "json"), Details(name, listed));
    }

    private static (string Version, string Filename, string Sha256) File(string name, int number)
    {
        var version = $"1.{number / 4}";
        var filename = (number % 4) switch
        {
            0 => $"{name.Replace('-', '_')}-{version}.tar.gz",
            var tag => $"{name.Replace('-', '_')}-{version}-cp31{tag}-cp31{tag}-manylinux_2_17_x86_64.whl",
        };
        return (version, filename, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(filename))));
    }

    private static string Page(IEnumerable<(string Version, string Filename, string Sha256)> files) =>
        "<!DOCTYPE html>\n<html><head><meta name=\"pypi:repository-version\" content=\"1.0\"></head><body>\n"
        + string.Concat(
            files.Select(f =>
                $"<a href=\"../../packages/{f.Filename}#sha256={f.Sha256}\" data-requires-python=\"&gt;=3.8\">{f.Filename}</a><br/>\n"
            )
        )
        + "</body></html>\n";

    private static string Details(string name, List<(string Version, string Filename, string Sha256)> files)
    {
        var releases = new JsonObject();
        foreach (var release in files.GroupBy(f => f.Version))
        {
            releases[release.Key] = new JsonArray([
                .. release.Select(f => new JsonObject
                {
                    ["filename"] = f.Filename,
                    ["url"] = $"{Fixture.Nginx}/packages/{f.Filename}",
                    ["packagetype"] = f.Filename.EndsWith(".whl", StringComparison.Ordinal) ? "bdist_wheel" : "sdist",
                    ["python_version"] = "cp312",
                    ["digests"] = new JsonObject { ["md5"] = f.Sha256[..32], ["sha256"] = f.Sha256 },
                    ["requires_python"] = ">=3.8",
                    ["size"] = 12345,
                    ["upload_time_iso_8601"] = "2024-01-02T03:04:05.678901Z",
                    ["yanked"] = false,
                }),
            ]);
        }

        return new JsonObject
        {
            ["info"] = new JsonObject
            {
                ["name"] = name,
                ["version"] = files[^1].Version,
                ["summary"] = "A project of the benchmark",
                ["description"] = Description,
                ["author"] = "Somebody",
                ["requires_dist"] = new JsonArray("requests>=2", "click"),
                ["classifiers"] = new JsonArray("Programming Language :: Python :: 3"),
            },
            ["releases"] = releases,
        }.ToJsonString();
    }
}
