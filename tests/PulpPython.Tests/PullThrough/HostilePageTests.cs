using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;

namespace PulpPython.Tests.PullThrough;

/// <summary>Pages that no honest index sends, to a cache and to a mirror.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class HostilePageTests(Engine engine) : PullThroughFixture(engine)
{
    private const string Json = "application/vnd.pypi.simple.v1+json";

    [TestCase("""{"files": [{"filename": "tea-1.0\ud800.tar.gz", "url": "/x"}]}""")]
    [TestCase("""{"files": [{"filename": "tea-1.0.tar.gz", "url": "/x", "hashes": {"sha256\udc00": "00"}}]}""")]
    [TestCase("""{"files": [{"filename": "tea-1.0.tar.gz", "url": "/x", "yanked": "\udc00\ud800"}]}""")]
    [TestCase("{\"files\": [{\"filename\": \"tea-1.0.tar.gz\u0080\", \"url\": \"/x\"}]}")]
    [TestCase("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[")]
    public async Task A_page_that_is_no_text_is_a_fault_of_its_project_alone(string body)
    {
        var good = TestPackage.Wheel("cup", "1.0");
        Index.With(good, TestPackage.Source("tea", "1.0"));
        Upstream.Faulty("simple/tea/", context => SendAsync(context, Json, Encoding.Latin1.GetBytes(body)));
        var (_, cache) = await NewCacheAsync();

        var (task, mirror) = await MirrorAsync("cup", "tea");
        var page = await PageAsync($"{cache}/simple/tea/");

        var warning = task["progress_reports"]?.AsArray().Single(r => (string?)r?["code"] == "python.project_failed");
        Assert.Multiple(() =>
        {
            Assert.That((string?)task["state"], Is.EqualTo("completed"), task.ToJsonString());
            Assert.That((string?)warning?["message"], Does.Contain("tea can't be read").And.Contain("JSON"));
            Assert.That(page.Code, Is.EqualTo(502));
        });
        Assert.That(Files(await JsonPageAsync($"{mirror}/simple/cup/")), Is.EqualTo([good.Filename]));
    }

    [TestCase("""{"files": [{"filename": "tea-1.0.tar.gz", "url": "/tea-1.0.tar.gz", "yanked": "a\u0000b"}]}""", Json)]
    [TestCase(
        """{"files": [{"filename": "tea-1.0.tar.gz", "url": "/tea-1.0.tar.gz", "requires-python": ">=3\u0000"}]}""",
        Json
    )]
    [TestCase("<a href=/tea-1.0.tar.gz data-yanked='a&#0;b' data-requires-python='\0'>tea-1.0.tar.gz</a>", "text/html")]
    public async Task A_nul_in_a_page_is_no_fault_of_the_sync(string body, string type)
    {
        var good = TestPackage.Wheel("cup", "1.0");
        Index.With(good);
        Upstream.Faulty("simple/tea/", context => SendAsync(context, type, Encoding.UTF8.GetBytes(body)));

        var (task, mirror) = await MirrorAsync("cup", "tea");

        Assert.That((string?)task["state"], Is.EqualTo("completed"), task.ToJsonString());
        Assert.That(Files(await JsonPageAsync($"{mirror}/simple/cup/")), Is.EqualTo([good.Filename]));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Of_several_files_of_a_name_the_first_counts_and_a_wheel_is_its_projects(bool speaksJson)
    {
        var digests = Enumerable.Range(0, 3).Select(i => new string((char)('a' + i), 64)).ToArray();
        string[] names = ["tea-1.0-py3-none-any.whl", "tea-1.0-py3-none-any.whl", "cup-1.0-py3-none-any.whl"];
        var body = speaksJson
            ? $$"""{"files": [{{string.Join(',', names.Zip(digests, (n, d) => $$$"""{"filename": "{{{n}}}", "url": "/{{{n}}}", "hashes": {"sha256": "{{{d}}}"}}"""))}}]}"""
            : string.Concat(names.Zip(digests, (n, d) => $"<a href=/{n}#sha256={d}>{n}</a>"));
        var type = speaksJson ? Json : "text/html";
        Upstream.Faulty("simple/tea/", context => SendAsync(context, type, Encoding.UTF8.GetBytes(body)));
        var (_, cache) = await NewCacheAsync();
        var (_, mirror) = await MirrorAsync("tea");

        foreach (var path in new[] { cache, mirror })
        {
            var files = (await JsonPageAsync($"{path}/simple/tea/"))["files"];
            Assert.That(files?.AsArray(), Has.Count.EqualTo(1));
            Assert.That((string?)files?[0]?["hashes"]?["sha256"], Is.EqualTo(digests[0]));
        }
    }

    [Test]
    public async Task A_project_of_ten_thousand_files_is_no_trouble()
    {
        var links = Enumerable
            .Range(0, 10_000)
            .Select(i =>
                ($"many-{i}.0-py3-none-any.whl", Convert.ToHexStringLower(SHA256.HashData(BitConverter.GetBytes(i))))
            )
            .Select(f => $"<a href='/{f.Item1}#sha256={f.Item2}'>{f.Item1}</a>\n");
        var body = Encoding.UTF8.GetBytes(string.Concat(links));
        Upstream.Faulty("simple/many/", context => SendAsync(context, "text/html", body));
        var (task, mirror) = await MirrorAsync("many");
        Assert.That((string?)task["state"], Is.EqualTo("completed"), task.ToJsonString());

        // Without an order of its joins this took SQLite half a minute.
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(25));
        using var answer = await Api.Http.GetAsync($"/pypi/{mirror}/simple/many/?format=json", patience.Token);
        var page = JsonNode.Parse(await answer.Content.ReadAsStringAsync(patience.Token));

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(page?["files"]?.AsArray(), Has.Count.EqualTo(10_000));
        Assert.That((string?)page?["files"]?[9_999]?["filename"], Is.EqualTo("many-9999.0-py3-none-any.whl"));
    }

    /// <summary>A repository with what the upstream has of the projects, and an index of it.</summary>
    private async Task<(JsonNode Task, string Path)> MirrorAsync(params string[] projects)
    {
        var remote = await Api.PostAsync(
            "remotes/python/python/",
            new
            {
                name = PulpClient.Unique(),
                url = Index.Url,
                max_retries = 0,
                includes = projects,
            }
        );
        var (repository, path) = await NewIndexAsync();
        var started = await Api.PostAsync(repository + "sync/", new { remote = remote.Href });
        return (await Api.EndOfAsync(started.Task), path);
    }

    private static async Task SendAsync(HttpContext context, string type, byte[] body)
    {
        context.Response.ContentType = type;
        await context.Response.Body.WriteAsync(body);
    }
}
