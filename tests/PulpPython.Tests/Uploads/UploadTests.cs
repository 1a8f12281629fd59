namespace PulpPython.Tests.Uploads;

/// <summary>Uploads to an index as twine sends them.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class UploadTests(Engine engine) : PythonFixture(engine)
{
    [TestCase("legacy/")]
    [TestCase("simple/")]
    public async Task A_package_is_in_the_index_when_its_task_has_ended(string where)
    {
        var (repository, path) = await NewIndexAsync();
        var package = TestPackage.Wheel(PulpClient.Unique(), "1.0");

        var started = await UploadAsync(path, package, where);
        var task = await Api.CompletedAsync(started);

        var page = await JsonPageAsync($"{path}/simple/{package.Project}/");
        Assert.Multiple(() =>
        {
            Assert.That(started.Code, Is.EqualTo(202));
            Assert.That(started.Json?.AsObject(), Has.Count.EqualTo(1));
            Assert.That((string?)task["name"], Is.EqualTo("pulp_python.app.tasks.upload.upload"));
            Assert.That(
                task["created_resources"]?.AsArray().Select(r => (string?)r),
                Has.Some.EqualTo($"{repository}versions/1/").And.Some.Contain("/content/python/packages/")
            );
            Assert.That((string?)page["files"]?[0]?["filename"], Is.EqualTo(package.Filename));
        });
    }

    [Test]
    public async Task Files_of_one_release_that_come_together_are_one_version()
    {
        var (repository, path) = await NewIndexAsync();
        var name = PulpClient.Unique();
        TestPackage[] files =
        [
            TestPackage.Wheel(name, "1.0"),
            TestPackage.Source(name, "1.0"),
            TestPackage.Wheel(name, "1.0", tags: "cp312-cp312-win_amd64"),
        ];

        var tasks = new List<Answer>();
        foreach (var file in files)
        {
            tasks.Add(await UploadAsync(path, file));
        }

        foreach (var task in tasks)
        {
            await Api.CompletedAsync(task);
        }

        var page = await JsonPageAsync($"{path}/simple/{name}/");
        await Assert.MultipleAsync(async () =>
        {
            Assert.That(page["files"]?.AsArray(), Has.Count.EqualTo(3));
            Assert.That(await VersionsAsync(repository), Is.EqualTo(2), "the first is empty");
        });
    }

    [Test]
    public async Task Files_that_come_at_once_are_all_there()
    {
        var (_, path) = await NewIndexAsync();
        var name = PulpClient.Unique();
        var files = Enumerable.Range(1, 12).Select(n => TestPackage.Wheel(name, $"1.{n % 3}", tags: $"py3-none-p{n}"));

        var started = await Task.WhenAll(files.Select(file => UploadAsync(path, file)));
        await Task.WhenAll(started.Select(answer => Api.CompletedAsync(answer)));

        var page = await JsonPageAsync($"{path}/simple/{name}/");
        Assert.That(page["files"]?.AsArray(), Has.Count.EqualTo(12));
    }

    [Test]
    public async Task What_is_there_is_refused_in_words_that_uploaders_know()
    {
        var (_, path) = await NewIndexAsync();
        var package = TestPackage.Wheel(PulpClient.Unique(), "1.0");
        var other = TestPackage.Wheel(package.Project, "1.0", "Summary: another");
        await Api.CompletedAsync(await UploadAsync(path, package));

        foreach (var file in new[] { package, other })
        {
            using var response = await Api.Http.PostAsync(
                $"/pypi/{path}/legacy/",
                Form(file, "content", [("sha256_digest", file.Sha256)])
            );
            Assert.That(
                ((int)response.StatusCode, response.ReasonPhrase),
                Is.EqualTo((400, $"Package {package.Filename} already exists in index"))
            );
        }
    }

    [Test]
    public async Task What_waits_is_refused_too_unless_it_is_the_same()
    {
        var (_, path) = await NewIndexAsync();
        var package = TestPackage.Wheel(PulpClient.Unique(), "1.0");
        var other = TestPackage.Wheel(package.Project, "1.0", "Summary: another");

        var first = await UploadAsync(path, package);
        var again = await UploadAsync(path, package);
        var refused = await UploadAsync(path, other);

        Assert.Multiple(() =>
        {
            Assert.That(again.Task, Is.EqualTo(first.Task));
            Assert.That(refused.Code, Is.EqualTo(400), refused.Text);
        });
        await Api.CompletedAsync(first);
    }

    [Test]
    public async Task Who_may_not_is_told_so()
    {
        var (_, path) = await NewIndexAsync();
        var (_, closed) = await NewIndexAsync(more: new { allow_uploads = false });
        var (_, without) = await NewIndexAsync(more: new { repository = (string?)null });
        var package = TestPackage.Wheel(PulpClient.Unique(), "1.0");
        using var nobody = new PulpClient(Server.Url, user: null, password: null);
        var name = PulpClient.Unique();
        await Api.PostAsync("users/", new { username = name, password = "a good one 1" });
        using var somebody = new PulpClient(Server.Url, name, "a good one 1");
        using var liar = new PulpClient(Server.Url, "admin", "wrong");

        Task<Answer> As(PulpClient client) =>
            client.SendContentAsync(
                HttpMethod.Post,
                $"/pypi/{path}/legacy/",
                Form(package, "content", [("sha256_digest", package.Sha256)])
            );

        await Assert.MultipleAsync(async () =>
        {
            var anonymous = await As(nobody);
            Assert.That(anonymous.Code, Is.EqualTo(401));
            Assert.That(anonymous.Headers.WwwAuthenticate.ToString(), Is.EqualTo("Basic realm=\"api\""));
            Assert.That((await As(liar)).Code, Is.EqualTo(401));
            Assert.That((await As(somebody)).Code, Is.EqualTo(403));
            Assert.That((await UploadAsync(closed, package)).Code, Is.EqualTo(403));
            Assert.That((await UploadAsync(without, package)).Code, Is.EqualTo(400));
            Assert.That((await UploadAsync("nowhere", package)).Code, Is.EqualTo(404));
            Assert.That((await UploadAsync(path, package, "legacy")).Code, Is.EqualTo(301));
            Assert.That((await UploadAsync(path, package, "other/")).Code, Is.EqualTo(404));
        });
    }

    [Test]
    public async Task A_form_that_is_wrong_is_told_all_of_it()
    {
        var (repository, path) = await NewIndexAsync();
        var package = TestPackage.Wheel(PulpClient.Unique(), "1.0");

        async Task<string> Refused(TestPackage file, params (string Name, string Value)[] fields)
        {
            var answer = await UploadAsync(path, file, fields: fields);
            Assert.That(answer.Code, Is.EqualTo(400), answer.Text);
            return answer.Text;
        }

        var good = ("sha256_digest", package.Sha256);
        await Assert.MultipleAsync(async () =>
        {
            Assert.That(await Refused(package), Does.Contain("sha256_digest"));
            Assert.That(await Refused(package, ("sha256_digest", new string('0', 64))), Does.Contain(package.Sha256));
            Assert.That(await Refused(package, good, (":action", "remove")), Does.Contain(":action"));
            Assert.That(await Refused(package, good, ("protocol_version", "2")), Does.Contain("protocol_version"));
            Assert.That(await Refused(package, good, ("filetype", "sdist")), Does.Contain("filetype"));
            Assert.That(await Refused(package with { Filename = "x.txt" }, good), Does.Contain("content"));
            Assert.That(
                await Refused(package with { Filename = "other-1.0-py3-none-any.whl" }, good),
                Does.Contain("content")
            );
            var none = await Api.SendContentAsync(
                HttpMethod.Post,
                $"/pypi/{path}/legacy/",
                new StringContent("x", System.Text.Encoding.UTF8, "text/plain")
            );
            Assert.That(none.Code, Is.EqualTo(400));
        });
        Assert.That(await VersionsAsync(repository), Is.EqualTo(1));
    }

    [Test]
    public async Task A_form_that_ends_in_the_middle_is_told_so_and_leaves_nothing()
    {
        var (repository, path) = await NewIndexAsync();
        var package = TestPackage.Wheel(PulpClient.Unique(), "1.0");
        using var form = Form(package, "content", [("sha256_digest", package.Sha256)]);
        var whole = await form.ReadAsByteArrayAsync();
        var cut = new ByteArrayContent(whole[..(whole.Length / 2)]);
        cut.Headers.ContentType = form.Headers.ContentType;

        var answer = await Api.SendContentAsync(HttpMethod.Post, $"/pypi/{path}/legacy/", cut);

        Assert.That(answer.Code, Is.EqualTo(400), answer.Text);
        Assert.That(await VersionsAsync(repository), Is.EqualTo(1));
    }

    [Test]
    public async Task What_the_repository_refuses_may_be_uploaded_when_it_does_not_any_more()
    {
        var (repository, path) = await NewIndexAsync();
        var package = TestPackage.Wheel(PulpClient.Unique(), "1.0");
        var started = await UploadAsync(path, package);
        var entry = await Api.PostAsync(repository + "blocklist_entries/", new { name = package.Project });

        var refused = await Api.EndOfAsync(started.Task);
        await Api.DeleteAsync(entry.Href);
        await Api.CompletedAsync(await UploadAsync(path, package));

        Assert.That((string?)refused["state"], Is.EqualTo("failed"));
        Assert.That((string?)refused["error"]?["description"], Does.Contain("block list"));
        Assert.That(await VersionsAsync(repository), Is.EqualTo(2));
    }

    [TestCase("""[{"version": 1, "note": "\ud800"}]""")]
    [TestCase("""[{"\udfff": 1}]""")]
    public async Task Attestations_that_are_no_text_are_refused(string attestations)
    {
        var (_, path) = await NewIndexAsync();
        var package = TestPackage.Wheel(PulpClient.Unique(), "1.0");

        var refused = await UploadAsync(
            path,
            package,
            fields: [("sha256_digest", package.Sha256), ("attestations", attestations)]
        );

        Assert.That(refused.Code, Is.EqualTo(400), refused.Text);
        Assert.That(refused.Text, Does.Contain("attestations"));
    }

    [Test]
    public async Task A_provenance_comes_with_its_package()
    {
        var (repository, path) = await NewIndexAsync();
        var package = TestPackage.Wheel(PulpClient.Unique(), "1.0");
        await Api.CompletedAsync(
            await UploadAsync(
                path,
                package,
                fields: [("sha256_digest", package.Sha256), ("attestations", $"[{TestAttestation.Of(package)}]")]
            )
        );

        var page = await JsonPageAsync($"{path}/simple/{package.Project}/");
        var link = (string?)page["files"]?[0]?["provenance"] ?? "";
        var provenance = await Api.GetAsync(link);
        var html = await PageAsync($"{path}/simple/{package.Project}/");

        Assert.Multiple(() =>
        {
            Assert.That(link, Does.EndWith($"/{path}/integrity/{package.Project}/1.0/{package.Filename}/provenance/"));
            Assert.That((int?)provenance.Json?["version"], Is.EqualTo(1), provenance.Text);
            Assert.That(html.Text, Does.Contain($"data-provenance=\"{link}\""));
        });
        var unit = (await Api.GetAsync($"content/python/packages/?sha256={package.Sha256}")).Results[0];
        await Api.CompletedAsync(
            await Api.PostAsync(
                repository + "modify/",
                new { remove_content_units = new[] { (string?)unit["pulp_href"] } }
            )
        );
        var left = await Api.GetAsync($"content/?repository_version={repository}versions/2/");
        Assert.That(left.Results, Is.Empty, "it goes with its package");
    }
}
