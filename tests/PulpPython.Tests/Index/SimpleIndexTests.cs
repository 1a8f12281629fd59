using System.IO.Compression;
using System.Net.Http.Headers;

namespace PulpPython.Tests.Index;

/// <summary>The simple index as clients of all kinds ask for it.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class SimpleIndexTests(Engine engine) : PythonFixture(engine)
{
    private const string Json = "application/vnd.pypi.simple.v1+json";

    [Test]
    public async Task A_project_page_has_what_installers_look_for()
    {
        var (repository, path) = await NewIndexAsync();
        var name = "Some_" + PulpClient.Unique();
        var normal = name.ToLowerInvariant().Replace('_', '-');
        var wheel = TestPackage.Wheel(name, "1.0", "Requires-Python: >=3.8,<4");
        var source = TestPackage.Source(name, "1.0");
        await AddAsync(repository, wheel, source);

        var html = await PageAsync($"{path}/simple/{normal}/");
        var json = await JsonPageAsync($"{path}/simple/{normal}/");

        var file = json["files"]?.AsArray().First(f => (string?)f?["filename"] == wheel.Filename);
        Assert.Multiple(() =>
        {
            Assert.That(html.Text, Does.Contain("""<meta name="pypi:repository-version" content="1.1">"""));
            Assert.That(
                html.Text,
                Does.Contain(
                    $"""<a href="/pulp/content/{path}/{wheel.Filename}#sha256={wheel.Sha256}" rel="internal" data-requires-python="&gt;=3.8,&lt;4" """
                        + $"""data-dist-info-metadata="sha256={wheel.MetadataSha256}" data-core-metadata="sha256={wheel.MetadataSha256}">{wheel.Filename}</a>"""
                )
            );
            Assert.That(html.Headers.GetValues("X-PyPI-Last-Serial").Single(), Is.EqualTo("1"));
            Assert.That((string?)json["meta"]?["api-version"], Does.StartWith("1."));
            Assert.That((string?)json["name"], Is.EqualTo(normal));
            Assert.That(json["versions"]?.ToJsonString(), Is.EqualTo("""["1.0"]"""));
            Assert.That(json["files"]?.AsArray(), Has.Count.EqualTo(2));
            Assert.That((string?)file?["hashes"]?["sha256"], Is.EqualTo(wheel.Sha256));
            Assert.That((string?)file?["requires-python"], Is.EqualTo(">=3.8,<4"));
            Assert.That((string?)file?["core-metadata"]?["sha256"], Is.EqualTo(wheel.MetadataSha256));
            Assert.That((long?)file?["size"], Is.EqualTo(wheel.Bytes.Length));
            Assert.That((string?)file?["upload-time"], Does.Match(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$"));
            Assert.That((bool?)file?["yanked"], Is.False);
            Assert.That((string?)file?["url"], Is.EqualTo($"/pulp/content/{path}/{wheel.Filename}"));
        });
    }

    [TestCase("", "text/html; charset=utf-8")]
    [TestCase("*/*", "text/html; charset=utf-8")]
    [TestCase("image/png", "text/html; charset=utf-8")]
    [TestCase(Json, Json)]
    [TestCase("application/vnd.pypi.simple.latest+json", Json)]
    [TestCase("application/vnd.pypi.simple.v1+html", "application/vnd.pypi.simple.v1+html")]
    [TestCase(
        "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html; q=0.1, text/html; q=0.01",
        Json
    )]
    [TestCase("application/vnd.pypi.simple.v1+json;q=0.2, text/html;q=0.9", "text/html; charset=utf-8")]
    [TestCase("application/vnd.pypi.simple.v1+json;q=0, */*", "text/html; charset=utf-8")]
    [TestCase("text/html, application/xhtml+xml, */*;q=0.8", "text/html; charset=utf-8")]
    public async Task The_form_is_the_one_that_is_liked_best(string accept, string expected)
    {
        var (repository, path) = await NewIndexAsync();
        var package = TestPackage.Wheel(PulpClient.Unique(), "1.0");
        await AddAsync(repository, package);

        using var request = new HttpRequestMessage(HttpMethod.Get, $"/pypi/{path}/simple/");
        request.Headers.TryAddWithoutValidation("Accept", accept);
        using var response = await Api.Http.SendAsync(request);

        Assert.Multiple(() =>
        {
            Assert.That((int)response.StatusCode, Is.EqualTo(200));
            Assert.That(response.Content.Headers.ContentType?.ToString(), Is.EqualTo(expected));
            Assert.That(response.Headers.Vary, Is.EquivalentTo(new[] { "Accept", "Accept-Encoding" }));
        });
    }

    [Test]
    public async Task The_query_may_say_the_form()
    {
        var (_, path) = await NewIndexAsync();

        var json = await PageAsync($"{path}/simple/?format=json");
        var html = await PageAsync($"{path}/simple/?format=html", Json);
        var none = await PageAsync($"{path}/simple/?format=xml");

        Assert.Multiple(() =>
        {
            Assert.That(JsonNode.Parse(json.Text)?["projects"]?.AsArray(), Is.Empty);
            Assert.That(html.Text, Does.StartWith("<!DOCTYPE html>"));
            Assert.That(none.Code, Is.EqualTo(400));
        });
    }

    [Test]
    public async Task Other_spellings_and_missing_slashes_are_redirected_for_good()
    {
        var (repository, path) = await NewIndexAsync();
        await AddAsync(repository, TestPackage.Wheel($"Tea_Pot.{path}", "1.0"));

        foreach (
            var (asked, location) in new[]
            {
                ($"{path}", $"/pypi/{path}/"),
                ($"{path}/simple", "simple/"),
                ($"{path}/simple/tea-pot-{path}", $"tea-pot-{path}/"),
                ($"{path}/simple/Tea_Pot.{path}/", $"../tea-pot-{path}/"),
                ($"{path}/simple/TEA--POT-{path}/?x=1", $"../tea-pot-{path}/?x=1"),
            }
        )
        {
            var answer = await PageAsync(asked);
            Assert.That(
                (asked, answer.Code, answer.Headers.Location?.OriginalString),
                Is.EqualTo((asked, 301, location))
            );
        }
    }

    [Test]
    public async Task What_is_not_there_is_told()
    {
        var (_, path) = await NewIndexAsync();

        var project = await PageAsync($"{path}/simple/nothing/");
        var release = await PageAsync($"{path}/pypi/nothing/json");
        var index = await PageAsync($"{PulpClient.Unique()}/simple/");
        var name = await PageAsync($"{path}/simple/%3Cscript%3E/");

        Assert.Multiple(() =>
        {
            Assert.That((project.Code, project.Text), Is.EqualTo((404, "nothing does not exist.")));
            Assert.That((release.Code, release.Text), Is.EqualTo((404, "")));
            Assert.That(index.Code, Is.EqualTo(404));
            Assert.That(name.Code, Is.EqualTo(404));
        });
    }

    [Test]
    public async Task A_page_that_the_client_has_is_not_sent_again_and_follows_each_change()
    {
        var (repository, path) = await NewIndexAsync();
        var name = PulpClient.Unique();
        await AddAsync(repository, TestPackage.Wheel(name, "1.0"));
        var first = await PageAsync($"{path}/simple/{name}/");
        var tag = first.Headers.ETag ?? throw new AssertionException("It has no tag.");

        var again = await PageAsync($"{path}/simple/{name}/", with: h => h.IfNoneMatch.Add(tag));
        await AddAsync(repository, TestPackage.Wheel(name, "1.1"));
        var changed = await PageAsync($"{path}/simple/{name}/", with: h => h.IfNoneMatch.Add(tag));

        Assert.Multiple(() =>
        {
            Assert.That((again.Code, again.Text), Is.EqualTo((304, "")));
            Assert.That(changed.Code, Is.EqualTo(200));
            Assert.That(changed.Text, Does.Contain("-1.1-"));
            Assert.That(changed.Headers.GetValues("X-PyPI-Last-Serial").Single(), Is.EqualTo("2"));
        });
    }

    [Test]
    public async Task A_page_is_compressed_for_who_takes_that()
    {
        var (repository, path) = await NewIndexAsync();
        var name = PulpClient.Unique();
        await AddAsync(repository, [.. Enumerable.Range(1, 8).Select(minor => TestPackage.Wheel(name, $"1.{minor}"))]);
        var plain = await PageAsync($"{path}/simple/{name}/");

        using var request = new HttpRequestMessage(HttpMethod.Get, $"/pypi/{path}/simple/{name}/");
        request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("gzip"));
        using var response = await Api.Http.SendAsync(request);
        await using var unpacked = new GZipStream(
            await response.Content.ReadAsStreamAsync(),
            CompressionMode.Decompress
        );
        using var reader = new StreamReader(unpacked);
        using var refusing = new HttpRequestMessage(HttpMethod.Get, $"/pypi/{path}/simple/{name}/");
        refusing.Headers.TryAddWithoutValidation("Accept-Encoding", "gzip;q=0, identity");
        using var refused = await Api.Http.SendAsync(refusing);

        await Assert.MultipleAsync(async () =>
        {
            Assert.That(response.Content.Headers.ContentEncoding.Single(), Is.EqualTo("gzip"));
            Assert.That(await reader.ReadToEndAsync(), Is.EqualTo(plain.Text));
            Assert.That(response.Headers.ETag, Is.Not.EqualTo(plain.Headers.ETag));
            Assert.That(refused.Content.Headers.ContentEncoding, Is.Empty);
        });
    }

    [Test]
    public async Task The_list_has_each_project_once_with_its_last_change()
    {
        var (repository, path) = await NewIndexAsync();
        var (tea, coffee) = ("tea" + path, "coffee" + path);
        await AddAsync(repository, TestPackage.Wheel(tea, "1.0"), TestPackage.Wheel(coffee, "1.0"));
        await AddAsync(repository, TestPackage.Wheel(tea, "2.0"));

        var list = await JsonPageAsync($"{path}/simple/");
        var summary = await PageAsync($"{path}/");

        Assert.Multiple(() =>
        {
            Assert.That(
                list["projects"]?.AsArray().Select(p => ((string?)p?["name"], (long?)p?["_last-serial"])),
                Is.EqualTo(new[] { (coffee, 1L), (tea, 2L) })
            );
            Assert.That((long?)list["meta"]?["_last-serial"], Is.EqualTo(2));
            Assert.That(summary.Json?.ToJsonString(), Is.EqualTo("""{"projects":2,"releases":3,"files":3}"""));
        });
    }

    [Test]
    public async Task The_json_of_a_project_shows_its_newest_final_release()
    {
        var (repository, path) = await NewIndexAsync();
        var name = PulpClient.Unique();
        await AddAsync(
            repository,
            TestPackage.Wheel(name, "1.9", "Classifier: Topic :: Old"),
            TestPackage.Wheel(name, "1.10", "Classifier: Topic :: New"),
            TestPackage.Source(name, "1.10"),
            TestPackage.Wheel(name, "2.0a1")
        );

        var newest = (await PageAsync($"{path}/pypi/{name}/json")).Json;
        var older = (await PageAsync($"{path}/pypi/{name}/1.9.0/json/")).Json;
        var none = await PageAsync($"{path}/pypi/{name}/3.0/json");

        Assert.Multiple(() =>
        {
            Assert.That((string?)newest?["info"]?["version"], Is.EqualTo("1.10"));
            Assert.That(newest?["urls"]?.AsArray(), Has.Count.EqualTo(2));
            Assert.That(
                newest?["releases"]?.AsObject().Select(r => r.Key),
                Is.EqualTo(new[] { "1.9", "1.10", "2.0a1" })
            );
            Assert.That((string?)older?["info"]?["version"], Is.EqualTo("1.9"));
            Assert.That(older?["info"]?["classifiers"]?.ToJsonString(), Is.EqualTo("""["Topic :: Old"]"""));
            Assert.That(none.Code, Is.EqualTo(404));
        });
    }

    [Test]
    public async Task A_fixed_version_and_a_publication_stay_what_they_are()
    {
        var (repository, _) = await NewIndexAsync();
        var name = PulpClient.Unique();
        await AddAsync(repository, TestPackage.Wheel(name, "1.0"));
        var publication = await Api.CreatedAsync(
            await Api.PostAsync("publications/python/pypi/", new { repository }),
            "/publications/"
        );
        var (_, published) = await NewIndexAsync(more: new { publication, repository = (string?)null });
        var (_, fixedOne) = await NewIndexAsync(
            more: new { repository_version = $"{repository}versions/1/", repository = (string?)null }
        );
        await AddAsync(repository, TestPackage.Wheel(name, "2.0"));

        foreach (var path in new[] { published, fixedOne })
        {
            var page = await JsonPageAsync($"{path}/simple/{name}/");
            Assert.That(page["versions"]?.ToJsonString(), Is.EqualTo("""["1.0"]"""));
        }

        var shown = (await Api.GetAsync(publication)).Json;
        Assert.That(shown?["distributions"]?.AsArray(), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task The_pages_are_below_the_content_application_too()
    {
        var (repository, path) = await NewIndexAsync();
        var name = PulpClient.Unique();
        await AddAsync(repository, TestPackage.Wheel(name, "1.0"));

        var page = await Api.GetAsync($"/pulp/content/{path}/simple/{name}/");
        var release = await Api.GetAsync($"/pulp/content/{path}/pypi/{name}/json");

        Assert.Multiple(() =>
        {
            Assert.That((page.Code, release.Code), Is.EqualTo((200, 200)));
            Assert.That(page.Text, Does.Contain(name));
        });
    }

    [Test]
    public async Task Another_process_shows_an_upload_soon()
    {
        var (_, path) = await NewIndexAsync();
        var name = PulpClient.Unique();
        await using var other = await ServerProcess.ServeAsync(
            Server.Settings.DataDir,
            Server.Settings.Database,
            "--roles",
            "content",
            // It is told: by itself it looks a sixth of that later.
            "--worker-ttl",
            "600"
        );
        await Api.CompletedAsync(await UploadAsync(path, TestPackage.Wheel(name, "1.0")));
        await other.Api.GetAsync($"/pypi/{path}/simple/{name}/");

        await Api.CompletedAsync(await UploadAsync(path, TestPackage.Wheel(name, "1.1")));

        Assert.That(
            async () => (await other.Api.GetAsync($"/pypi/{path}/simple/{name}/")).Text,
            Does.Contain("-1.1-").Soon()
        );
    }

    [Test]
    public async Task HEAD_tells_what_GET_sends()
    {
        var (repository, path) = await NewIndexAsync();
        var name = PulpClient.Unique();
        await AddAsync(repository, TestPackage.Wheel(name, "1.0"));

        using var got = await Api.Http.GetAsync($"/pypi/{path}/simple/{name}/");
        using var head = await Api.Http.SendAsync(
            new HttpRequestMessage(HttpMethod.Head, $"/pypi/{path}/simple/{name}/")
        );

        Assert.Multiple(() =>
        {
            Assert.That((int)head.StatusCode, Is.EqualTo(200));
            Assert.That(head.Content.Headers.ContentLength, Is.EqualTo(got.Content.Headers.ContentLength));
            Assert.That(head.Headers.ETag, Is.EqualTo(got.Headers.ETag));
        });
    }

    [Test]
    public async Task A_distribution_says_where_its_index_is()
    {
        var (_, path) = await NewIndexAsync();

        var found = await Api.GetAsync($"distributions/python/pypi/?name={path}");

        Assert.That((string?)found.Results.Single()["base_url"], Does.EndWith($"/pypi/{path}/"));
    }
}
