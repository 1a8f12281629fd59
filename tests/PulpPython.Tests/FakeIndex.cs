using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using PulpPython.Names;

namespace PulpPython.Tests;

/// <summary>An index on loopback, as much of PyPI as a test wants: pages in JSON or HTML, the JSON API, and the files.</summary>
internal sealed class FakeIndex(FakeUpstream upstream)
{
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<string, TestPackage>> _projects = new(
        StringComparer.Ordinal
    );
    private readonly ConcurrentDictionary<string, string> _yanked = new(StringComparer.Ordinal);

    private readonly ConcurrentDictionary<string, string> _provenances = new(StringComparer.Ordinal);

    /// <summary>Whether it has <c>pypi/{project}/json</c>.</summary>
    public bool HasDetails { get; set; } = true;

    /// <summary>Whether its pages come as JSON to who takes that.</summary>
    public bool SpeaksJson { get; set; } = true;

    /// <summary>Whether pages have an entity tag.</summary>
    public bool HasTags { get; set; } = true;

    /// <summary>Whether it promises metadata beside wheels.</summary>
    public bool HasMetadata { get; set; } = true;

    /// <summary>Whether it says which metadata it promises.</summary>
    public bool HasMetadataDigests { get; set; } = true;

    /// <summary>Addresses of the projects that its own track (PEP 708).</summary>
    public IReadOnlyList<string> Tracks { get; set; } = [];

    /// <summary>Addresses of projects that may extend its own (PEP 708).</summary>
    public IReadOnlyList<string> Alternates { get; set; } = [];

    /// <summary>Whether the list of projects tells serials, which grow with the number of files here.</summary>
    public bool HasSerials { get; set; }

    /// <summary>What serials begin at: PyPI's are large.</summary>
    public long FirstSerial { get; set; } = 20_000_000;

    /// <summary>Where pages are, with a slash at the end; empty for an index at the root.</summary>
    public string Root { get; set; } = "simple/";

    /// <summary>What its files' addresses begin with.</summary>
    public string FilesUrl { get; set; } = "../../files/";

    public string Url => upstream.Url + "/";

    public FakeIndex With(params TestPackage[] packages)
    {
        foreach (var package in packages)
        {
            var name = ProjectName.Normalize(package.Project);
            _projects.GetOrAdd(name, _ => new(StringComparer.Ordinal))[package.Filename] = package;
            upstream.With($"files/{package.Filename}", package.Bytes);
            upstream.With($"files/{package.Filename}.metadata", package.Metadata);
            upstream.Faulty($"{Root}{name}/", context => PageAsync(context, name));
            upstream.Faulty($"pypi/{name}/json", context => DetailsAsync(context, name));
        }

        upstream.Faulty(Root, ListAsync);
        return this;
    }

    public FakeIndex Without(TestPackage package)
    {
        _projects[ProjectName.Normalize(package.Project)].TryRemove(package.Filename, out _);
        return this;
    }

    public FakeIndex Vouching(TestPackage package, string provenance)
    {
        _provenances[package.Filename] = $"{Url}provenance/{package.Filename}";
        upstream.With($"provenance/{package.Filename}", provenance);
        return this;
    }

    public FakeIndex Yanking(TestPackage package, string reason)
    {
        _yanked[package.Filename] = reason;
        return this;
    }

    public FakeIndex Restoring(TestPackage package)
    {
        _yanked.TryRemove(package.Filename, out _);
        return this;
    }

    /// <summary>How often a project's page was asked for.</summary>
    public int Asked(string project) => upstream.Count($"{Root}{ProjectName.Normalize(project)}/");

    /// <summary>How often the JSON API was asked for a project.</summary>
    public int AskedDetails(string project) => upstream.Count($"pypi/{ProjectName.Normalize(project)}/json");

    private Task ListAsync(HttpContext context)
    {
        var names = _projects.Keys.Order(StringComparer.Ordinal);
        return WantsJson(context)
            ? SendAsync(
                context,
                "application/vnd.pypi.simple.v1+json",
                new JsonObject
                {
                    ["meta"] = new JsonObject { ["api-version"] = "1.1" },
                    ["projects"] = new JsonArray([
                        .. names.Select(n =>
                            HasSerials
                                ? new JsonObject { ["name"] = n, ["_last-serial"] = FirstSerial + _projects[n].Count }
                                : new JsonObject { ["name"] = n }
                        ),
                    ]),
                }.ToJsonString()
            )
            : SendAsync(
                context,
                "text/html",
                $"<html><body>{string.Concat(names.Select(n => $"<a href=\"/{Root}{n}/\">{n}</a>"))}</body></html>"
            );
    }

    private Task PageAsync(HttpContext context, string project) =>
        WantsJson(context)
            ? SendAsync(context, "application/vnd.pypi.simple.v1+json", JsonPage(project))
            : SendAsync(context, "text/html; charset=utf-8", HtmlPage(project));

    private string JsonPage(string project) =>
        new JsonObject
        {
            ["meta"] = new JsonObject { ["api-version"] = "1.2", ["tracks"] = List(Tracks) },
            ["name"] = project,
            ["alternate-locations"] = List(Alternates),
            ["files"] = new JsonArray([.. Packages(project).Select(JsonFile)]),
        }.ToJsonString();

    private JsonObject JsonFile(TestPackage package) =>
        new()
        {
            ["filename"] = package.Filename,
            ["url"] = FilesUrl + package.Filename,
            ["hashes"] = new JsonObject { ["sha256"] = package.Sha256 },
            ["requires-python"] = ">=3.6",
            ["size"] = package.Bytes.Length,
            ["upload-time"] = "2024-01-02T03:04:05.678901Z",
            ["yanked"] = _yanked.TryGetValue(package.Filename, out var reason) ? reason : false,
            ["provenance"] = _provenances.GetValueOrDefault(package.Filename),
            ["core-metadata"] =
                !Promises(package) ? false
                : HasMetadataDigests ? new JsonObject { ["sha256"] = package.MetadataSha256 }
                : true,
        };

    private static JsonArray List(IEnumerable<string> texts) => [.. texts.Select(t => (JsonNode)t)];

    private string HtmlPage(string project)
    {
        var links = Packages(project)
            .Select(p =>
                $"<a href='{FilesUrl}{WebUtility.HtmlEncode(p.Filename)}#sha256={p.Sha256}' data-requires-python=\"&gt;=3.6\""
                + (
                    Promises(p)
                        ? $" data-dist-info-metadata=\"{(HasMetadataDigests ? $"sha256={p.MetadataSha256}" : "true")}\""
                        : ""
                )
                + (_yanked.TryGetValue(p.Filename, out var reason) ? $" data-yanked=\"{reason}\"" : "")
                + $">{p.Filename}</a><br/>\n"
            );
        var meta = Tracks
            .Select(t => $"<meta name=\"pypi:tracks\" content=\"{t}\">")
            .Concat(Alternates.Select(a => $"<meta name=\"pypi:alternate-locations\" content=\"{a}\" />"));
        return $"<!DOCTYPE html>\n<html><head>{string.Concat(meta)}</head><body><!-- <a href='no'>no</a> -->\n{string.Concat(links)}</body></html>";
    }

    private Task DetailsAsync(HttpContext context, string project)
    {
        if (!HasDetails)
        {
            context.Response.StatusCode = 404;
            return Task.CompletedTask;
        }

        var newest = Packages(project).Last();
        var releases = new JsonObject();
        foreach (var release in Packages(project).GroupBy(p => p.Version))
        {
            releases[release.Key] = new JsonArray([.. release.Select(Detail)]);
        }

        var info = new JsonObject
        {
            ["name"] = newest.Project,
            ["version"] = newest.Version,
            ["summary"] = $"{newest.Project} of a test",
            ["description"] = "The long *text*.",
            ["author"] = "Somebody",
            ["requires_dist"] = new JsonArray("other>=1"),
            ["classifiers"] = new JsonArray("Programming Language :: Python"),
            ["project_urls"] = new JsonObject { ["Homepage"] = "https://example.com/" },
            ["project_url"] = $"https://example.com/project/{project}/",
        };
        return SendAsync(
            context,
            "application/json",
            new JsonObject { ["info"] = info, ["releases"] = releases }.ToJsonString()
        );
    }

    private JsonObject Detail(TestPackage package) =>
        new()
        {
            ["filename"] = package.Filename,
            ["url"] = $"{Url}files/{package.Filename}",
            ["packagetype"] = package.Filename.EndsWith(".whl", StringComparison.Ordinal) ? "bdist_wheel" : "sdist",
            ["python_version"] = package.Filename.EndsWith(".whl", StringComparison.Ordinal) ? "py3" : "source",
            ["digests"] = new JsonObject { ["sha256"] = package.Sha256 },
            ["size"] = package.Bytes.Length,
            ["upload_time_iso_8601"] = "2024-01-02T03:04:05.678901Z",
        };

    private IEnumerable<TestPackage> Packages(string project) =>
        _projects[project].Values.OrderBy(p => p.Filename, StringComparer.Ordinal);

    private bool Promises(TestPackage package) =>
        HasMetadata && package.Filename.EndsWith(".whl", StringComparison.Ordinal);

    private bool WantsJson(HttpContext context) =>
        SpeaksJson && context.Request.Headers.Accept.ToString().Contains("simple.v1+json", StringComparison.Ordinal);

    private async Task SendAsync(HttpContext context, string type, string body)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        var tag = $"\"{Convert.ToHexStringLower(SHA256.HashData(bytes))[..16]}\"";
        if (HasTags)
        {
            context.Response.Headers.ETag = tag;
            if (context.Request.Headers.IfNoneMatch == tag)
            {
                context.Response.StatusCode = 304;
                return;
            }
        }

        context.Response.ContentType = type;
        await context.Response.Body.WriteAsync(bytes);
    }
}
