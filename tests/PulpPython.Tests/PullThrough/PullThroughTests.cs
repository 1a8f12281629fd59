using System.Net;

namespace PulpPython.Tests.PullThrough;

/// <summary>Indexes that ask a remote for what they haven't.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class PullThroughTests(Engine engine) : PullThroughFixture(engine)
{
    private readonly Clients _clients = new();

    [OneTimeTearDown]
    public void RemoveFiles() => _clients.Dispose();

    [Test]
    public async Task Pip_installs_what_upstream_has_and_again_when_that_is_gone()
    {
        var needed = TestPackage.Wheel(PulpClient.Unique(), "1.0");
        var wheel = TestPackage.Wheel(PulpClient.Unique(), "2.0", $"Requires-Dist: {needed.Project}>=1");
        Index.With(needed, wheel, TestPackage.Wheel(wheel.Project, "1.0"));
        var (repository, path) = await NewCacheAsync();

        var (first, installed) = await _clients.InstallAsync(Simple(path), wheel.Project);
        var metadata = Upstream.Count($"files/{wheel.Filename}.metadata");
        await Upstream.DisposeAsync();
        var (second, again) = await _clients.InstallAsync(Simple(path), wheel.Project);

        var held = await HeldAsync(repository);
        Assert.Multiple(() =>
        {
            Assert.That(first.Code, Is.Zero, first.Output);
            Assert.That(second.Code, Is.Zero, second.Output);
            Assert.That(installed, Is.EquivalentTo([$"{needed.Project}-1.0", $"{wheel.Project}-2.0"]));
            Assert.That(again, Is.EqualTo(installed));
            Assert.That(metadata, Is.EqualTo(1));
            Assert.That(held.Keys, Is.EquivalentTo([needed.Filename, wheel.Filename]), "and nothing else");
            Assert.That((string?)held[wheel.Filename]["requires_dist"], Is.EqualTo($"[\"{needed.Project}>=1\"]"));
            Assert.That((string?)held[wheel.Filename]["metadata_sha256"], Is.EqualTo(wheel.MetadataSha256));
            Assert.That((string?)held[wheel.Filename]["artifact"], Is.Not.Null);
        });
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task A_page_has_both_and_what_is_here_comes_first(bool speaksJson)
    {
        var name = PulpClient.Unique();
        var (own, same, theirs, source) = (
            TestPackage.Wheel(name, "1.0", "Keywords: mine"),
            TestPackage.Wheel(name, "1.0"),
            TestPackage.Wheel(name, "2.0"),
            TestPackage.Source(name, "2.0")
        );
        Index.SpeaksJson = speaksJson;
        Index.With(same, theirs, source).Yanking(theirs, "broken");
        var (repository, path) = await NewCacheAsync();
        await AddAsync(repository, own);

        var page = await JsonPageAsync($"{path}/simple/{name}/");
        var html = await PageAsync($"{path}/simple/{name}/");

        var files = page["files"]?.AsArray().ToDictionary(f => (string?)f?["filename"] ?? "") ?? [];
        Assert.Multiple(() =>
        {
            Assert.That(files.Keys, Is.EqualTo([own.Filename, theirs.Filename, source.Filename]));
            Assert.That((string?)files[own.Filename]?["hashes"]?["sha256"], Is.EqualTo(own.Sha256));
            Assert.That((string?)files[theirs.Filename]?["hashes"]?["sha256"], Is.EqualTo(theirs.Sha256));
            Assert.That((string?)files[theirs.Filename]?["yanked"], Is.EqualTo("broken"));
            Assert.That((string?)files[theirs.Filename]?["requires-python"], Is.EqualTo(">=3.6"));
            Assert.That(
                (string?)files[theirs.Filename]?["core-metadata"]?["sha256"],
                Is.EqualTo(theirs.MetadataSha256)
            );
            Assert.That(
                (string?)files[theirs.Filename]?["url"],
                Does.EndWith($"/pulp/content/{path}/{theirs.Filename}")
            );
            Assert.That(html.Text, Does.Contain($"#sha256={own.Sha256}").And.Contain($"#sha256={source.Sha256}"));
        });
    }

    [Test]
    public async Task What_was_asked_for_is_a_unit_like_any_other()
    {
        var name = PulpClient.Unique();
        var (wheel, source) = (TestPackage.Wheel(name, "1.0"), TestPackage.Source(name, "1.0"));
        Index.With(wheel, source);
        var (repository, path) = await NewCacheAsync();

        var metadata = await GetAsync(path, wheel.Filename + ".metadata");
        var bytes = await GetAsync(path, wheel.Filename);
        var archive = await GetAsync(path, source.Filename);
        await Upstream.DisposeAsync();
        var again = await GetAsync(path, wheel.Filename);
        var beside = await GetAsync(path, wheel.Filename + ".metadata");

        var held = await HeldAsync(repository);
        Assert.Multiple(() =>
        {
            Assert.That(metadata.Body, Is.EqualTo(wheel.Metadata));
            Assert.That(bytes.Body, Is.EqualTo(wheel.Bytes));
            Assert.That(archive.Body, Is.EqualTo(source.Bytes));
            Assert.That(again.Body, Is.EqualTo(wheel.Bytes));
            Assert.That(beside.Body, Is.EqualTo(wheel.Metadata));
            Assert.That(held.Keys, Is.EquivalentTo([wheel.Filename, source.Filename]));
            Assert.That((string?)held[source.Filename]["summary"], Is.EqualTo($"{name} of a test"));
        });
    }

    [Test]
    public async Task A_file_that_is_stored_already_is_added_without_being_fetched()
    {
        var wheel = TestPackage.Wheel(PulpClient.Unique(), "1.0");
        Index.With(wheel);
        var (_, first) = await NewCacheAsync();
        var (repository, second) = await NewCacheAsync();

        var fetched = await GetAsync(first, wheel.Filename);
        var found = await GetAsync(second, wheel.Filename);

        var held = await HeldAsync(repository);
        Assert.Multiple(() =>
        {
            Assert.That(fetched.Body, Is.EqualTo(wheel.Bytes));
            Assert.That(found.Body, Is.EqualTo(wheel.Bytes));
            Assert.That(held.Keys, Is.EqualTo([wheel.Filename]));
            Assert.That(Upstream.Count($"files/{wheel.Filename}"), Is.EqualTo(1));
        });
    }

    [Test]
    public async Task The_filters_of_the_remote_hold()
    {
        var (name, other) = (PulpClient.Unique(), PulpClient.Unique());
        var (old, wheel, source, beta) = (
            TestPackage.Wheel(name, "1.0"),
            TestPackage.Wheel(name, "2.0"),
            TestPackage.Source(name, "2.0"),
            TestPackage.Wheel(name, "3.0b1")
        );
        Index.With(old, wheel, source, beta, TestPackage.Wheel(other, "1.0"));
        var (_, path) = await NewCacheAsync(
            remote: new { includes = new[] { $"{name}>=2" }, package_types = new[] { "bdist_wheel" } }
        );

        var page = await JsonPageAsync($"{path}/simple/{name}/");
        var absent = await PageAsync($"{path}/simple/{other}/");
        var refused = await GetAsync(path, old.Filename);

        Assert.Multiple(() =>
        {
            Assert.That(Files(page), Is.EqualTo([wheel.Filename, beta.Filename]));
            Assert.That(absent.Code, Is.EqualTo(404));
            Assert.That(refused.Status, Is.EqualTo(HttpStatusCode.NotFound));
            Assert.That(Index.Asked(other), Is.Zero, "its name tells upstream something");
        });
    }

    [Test]
    public async Task A_private_name_is_not_asked_for_where_nothing_may_take_its_place()
    {
        var (name, theirs) = (PulpClient.Unique(), PulpClient.Unique());
        Index.With(TestPackage.Wheel(name, "9.0"), TestPackage.Wheel(theirs, "1.0"));
        var (repository, path) = await NewCacheAsync(new { allow_package_substitution = false });
        var own = TestPackage.Wheel(name, "1.0");
        await AddAsync(repository, own);

        var page = await JsonPageAsync($"{path}/simple/{name}/");
        var file = await GetAsync(path, TestPackage.Wheel(name, "9.0").Filename);
        var (run, installed) = await _clients.InstallAsync(Simple(path), name, theirs);
        Index.With(TestPackage.Wheel(theirs, "2.0"));
        var fetched = await JsonPageAsync($"{path}/simple/{theirs}/");

        Assert.Multiple(() =>
        {
            Assert.That(Files(page), Is.EqualTo([own.Filename]));
            Assert.That(file.Status, Is.EqualTo(HttpStatusCode.NotFound));
            Assert.That(Index.Asked(name), Is.Zero);
            Assert.That(run.Code, Is.Zero, run.Output);
            Assert.That(installed, Is.EquivalentTo([$"{name}-1.0", $"{theirs}-1.0"]));
            Assert.That(Files(fetched), Does.Contain(TestPackage.Wheel(theirs, "1.0").Filename));
        });
    }

    [Test]
    public async Task What_the_repository_blocks_is_neither_shown_nor_fetched()
    {
        var (name, blocked) = (PulpClient.Unique(), PulpClient.Unique());
        var (one, two) = (TestPackage.Wheel(name, "1.0"), TestPackage.Wheel(name, "2.0"));
        Index.With(one, two, TestPackage.Wheel(blocked, "1.0"));
        var (repository, path) = await NewCacheAsync();
        var before = await JsonPageAsync($"{path}/simple/{name}/");
        await Api.PostAsync($"{repository}blocklist_entries/", new { name, version = "2.0" });
        await Api.PostAsync($"{repository}blocklist_entries/", new { name = blocked });

        var page = await JsonPageAsync($"{path}/simple/{name}/");
        var project = await PageAsync($"{path}/simple/{blocked}/");
        var file = await GetAsync(path, two.Filename);

        Assert.Multiple(() =>
        {
            Assert.That(Files(before), Is.EqualTo([one.Filename, two.Filename]));
            Assert.That(Files(page), Is.EqualTo([one.Filename]), "at once");
            Assert.That(project.Code, Is.EqualTo(404));
            Assert.That(file.Status, Is.EqualTo(HttpStatusCode.NotFound));
        });
    }

    [Test]
    public async Task Without_upstream_an_index_serves_what_it_has()
    {
        var (name, other) = (PulpClient.Unique(), PulpClient.Unique());
        var own = TestPackage.Wheel(name, "1.0");
        Index.With(TestPackage.Wheel(name, "2.0"), TestPackage.Wheel(other, "1.0"));
        var (repository, path) = await NewCacheAsync();
        await AddAsync(repository, own);
        await Upstream.DisposeAsync();

        var page = await JsonPageAsync($"{path}/simple/{name}/");
        var (run, installed) = await _clients.InstallAsync(Simple(path), name);
        var absent = await PageAsync($"{path}/simple/{other}/");

        Assert.Multiple(() =>
        {
            Assert.That(Files(page), Is.EqualTo([own.Filename]));
            Assert.That(run.Code, Is.Zero, run.Output);
            Assert.That(installed, Is.EqualTo([$"{name}-1.0"]));
            Assert.That(absent.Code, Is.EqualTo(502), "nobody can say that there is none");
        });
    }

    [Test]
    public async Task What_is_not_what_the_index_promised_is_not_kept()
    {
        var name = PulpClient.Unique();
        var (wheel, liar) = (TestPackage.Wheel(name, "1.0"), TestPackage.Wheel(name, "2.0"));
        var another = TestPackage.Wheel(PulpClient.Unique(), "2.0") with { Project = name, Filename = liar.Filename };
        Index.With(wheel, another);
        Upstream.With($"files/{wheel.Filename}", [.. wheel.Bytes.Reverse()]);
        var (repository, path) = await NewCacheAsync();

        var corrupt = await GetAsync(path, wheel.Filename);
        var sent = await GetAsync(path, another.Filename);

        var held = await HeldAsync(repository);
        Assert.Multiple(() =>
        {
            Assert.That(corrupt.Status, Is.EqualTo(HttpStatusCode.BadGateway));
            Assert.That(sent.Body, Is.EqualTo(another.Bytes), "the digest is right: the client decides");
            Assert.That(held, Is.Empty, "but its metadata is of another project");
        });
    }

    [Test]
    public async Task An_index_without_a_repository_passes_everything_on()
    {
        var wheel = TestPackage.Wheel(PulpClient.Unique(), "1.0");
        Index.With(wheel);
        var (_, path) = await NewCacheAsync(hasRepository: false, remote: new { policy = "streamed" });

        var (run, installed) = await _clients.InstallAsync(Simple(path), wheel.Project);

        Assert.That(run.Code, Is.Zero, run.Output);
        Assert.That(installed, Is.EqualTo([$"{wheel.Project}-1.0"]));
    }

    [Test]
    public async Task Many_clients_ask_upstream_once()
    {
        // Several: whether a client comes between the end of a download and the storing of its file is chance.
        var project = PulpClient.Unique();
        var wheels = Enumerable.Range(1, 20).Select(i => TestPackage.Wheel(project, $"{i}.0")).ToList();
        wheels.ForEach(w => Index.With(w));
        var (_, path) = await NewCacheAsync();

        var pages = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => JsonPageAsync($"{path}/simple/{project}/")));
        var files = await Task.WhenAll(
            wheels.SelectMany(w => Enumerable.Range(0, 20).Select(_ => GetAsync(path, w.Filename)))
        );

        Assert.Multiple(() =>
        {
            Assert.That(pages.Select(p => Files(p).Count), Is.All.EqualTo(wheels.Count));
            Assert.That(files.Select(f => f.Body), Is.EqualTo(wheels.SelectMany(w => Enumerable.Repeat(w.Bytes, 20))));
            Assert.That(Index.Asked(project), Is.EqualTo(1));
            Assert.That(wheels.Select(w => Upstream.Count($"files/{w.Filename}")), Is.All.EqualTo(1));
        });
    }
}
