namespace PulpPython.Tests.Sync;

/// <summary>What a sync takes from an index, whatever form that has.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class PythonSyncTests(Engine engine) : IndexFixture(engine)
{
    [Test]
    public async Task Packages_have_what_the_index_says_of_them()
    {
        var name = "Shelf." + PulpClient.Unique();
        var (old, wheel, source) = (
            TestPackage.Wheel(name, "1.0"),
            TestPackage.Wheel(name, "2.0"),
            TestPackage.Source(name, "2.0")
        );
        Index.With(old, wheel, source);

        var (repository, _, task) = await SyncedAsync(new { includes = new[] { name } });

        Completed(task);
        var packages = (await PackagesAsync(repository)).ToDictionary(p => (string?)p["filename"] ?? "");
        var read = packages[wheel.Filename];
        Assert.Multiple(() =>
        {
            Assert.That(packages.Keys, Is.EquivalentTo([old.Filename, wheel.Filename, source.Filename]));
            Assert.That((string?)read["name"], Is.EqualTo(name));
            Assert.That((string?)read["version"], Is.EqualTo("2.0"));
            Assert.That((string?)read["sha256"], Is.EqualTo(wheel.Sha256));
            Assert.That((long?)read["size"], Is.EqualTo(wheel.Bytes.Length));
            Assert.That((string?)read["packagetype"], Is.EqualTo("bdist_wheel"));
            Assert.That((string?)read["python_version"], Is.EqualTo("py3"));
            Assert.That((string?)read["requires_python"], Is.EqualTo(">=3.6"));
            Assert.That((string?)read["requires_dist"], Is.EqualTo("[\"other>=1\"]"));
            Assert.That((string?)read["author"], Is.EqualTo("Somebody"));
            Assert.That((string?)read["metadata_sha256"], Is.EqualTo(wheel.MetadataSha256));
            Assert.That((string?)packages[old.Filename]["requires_dist"], Is.EqualTo("[]"), "that is the newest's");
            Assert.That((string?)packages[old.Filename]["summary"], Is.EqualTo($"{name} of a test"));
            Assert.That((string?)packages[source.Filename]["python_version"], Is.EqualTo("source"));
            Assert.That(
                (string?)packages[source.Filename]["artifact"],
                Is.Null,
                "nothing is fetched before it is wanted"
            );
        });
    }

    [TestCase(true, true)]
    [TestCase(true, false)]
    [TestCase(false, true)]
    [TestCase(false, false)]
    public async Task A_simple_index_without_more_is_read_in_each_form(bool speaksJson, bool isAbove)
    {
        var name = PulpClient.Unique();
        var (wheel, source) = (TestPackage.Wheel(name, "1.0"), TestPackage.Source(name, "1.0"));
        Index.HasDetails = false;
        Index.SpeaksJson = speaksJson;
        Index.With(wheel, source);

        var (repository, _, task) = await SyncedAsync(
            new { includes = new[] { name }, url = isAbove ? Index.Url : Index.Url + "simple/" }
        );

        Completed(task);
        var read = (await PackagesAsync(repository)).Single(p => (string?)p["filename"] == wheel.Filename);
        Assert.Multiple(() =>
        {
            Assert.That((string?)read["sha256"], Is.EqualTo(wheel.Sha256));
            Assert.That((string?)read["requires_python"], Is.EqualTo(">=3.6"));
            Assert.That((string?)read["metadata_sha256"], Is.EqualTo(wheel.MetadataSha256));
            Assert.That((string?)read["version"], Is.EqualTo("1.0"));
        });
    }

    [Test]
    public async Task An_index_that_is_not_below_simple_is_found()
    {
        var wheel = TestPackage.Wheel(PulpClient.Unique(), "1.0");
        Index.Root = "whl/";
        Index.With(wheel);

        var (repository, _, task) = await SyncedAsync(
            new { includes = new[] { wheel.Project }, url = Index.Url + "whl" }
        );

        Completed(task);
        Assert.That(await FilesAsync(repository), Is.EqualTo([wheel.Filename]));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Without_includes_all_projects_are_taken(bool speaksJson)
    {
        var wheels = Enumerable
            .Range(0, 30)
            .Select(i => TestPackage.Wheel($"{PulpClient.Unique()}_{i}", "1.0"))
            .ToArray();
        Index.SpeaksJson = speaksJson;
        Index.With(wheels);

        var (repository, _, task) = await SyncedAsync(
            new { excludes = new[] { wheels[3].Project.ToUpperInvariant() } }
        );

        Completed(task);
        var progress = task["progress_reports"]?.AsArray().Single(r => (string?)r?["code"] == "sync.fetching.project");
        Assert.That(
            await FilesAsync(repository),
            Is.EqualTo(wheels.Except([wheels[3]]).Select(w => w.Filename).Order(StringComparer.Ordinal))
        );
        Assert.That(((long?)progress?["done"], (long?)progress?["total"]), Is.EqualTo((29L, 29L)));
        Assert.That((string?)progress?["message"], Is.EqualTo("Fetching Project Metadata"));
    }

    [Test]
    public async Task An_immediate_sync_fetches_files_and_the_metadata_beside_them()
    {
        var name = PulpClient.Unique();
        var (wheel, without) = (TestPackage.Wheel(name, "1.0"), TestPackage.Wheel(name, "2.0"));
        Index.With(wheel, without);
        Upstream.Without($"files/{without.Filename}.metadata");

        var (repository, _, task) = await SyncedAsync(new { includes = new[] { name }, policy = "immediate" });

        Completed(task);
        await Api.CompletedAsync(
            await Api.PostAsync(
                "distributions/python/pypi/",
                new
                {
                    name,
                    base_path = name,
                    repository,
                }
            )
        );
        await Upstream.DisposeAsync();
        var served = await Api.Http.GetByteArrayAsync($"/pulp/content/{name}/{wheel.Filename}");
        var beside = await Api.Http.GetByteArrayAsync($"/pulp/content/{name}/{wheel.Filename}.metadata");
        var missing = await Api.GetAsync($"/pulp/content/{name}/{without.Filename}.metadata");
        Assert.Multiple(() =>
        {
            Assert.That(served, Is.EqualTo(wheel.Bytes));
            Assert.That(beside, Is.EqualTo(wheel.Metadata));
            Assert.That(missing.Code, Is.EqualTo(404));
        });
    }

    [Test]
    public async Task A_release_that_is_yanked_upstream_is_yanked_here()
    {
        var name = PulpClient.Unique();
        var (one, two) = (TestPackage.Wheel(name, "1.0"), TestPackage.Wheel(name, "2.0"));
        Index.With(one, two).Yanking(two, "broken");
        var (repository, remote, _) = await SyncedAsync(new { includes = new[] { name } });
        var first = await YanksAsync(repository);

        Index.Restoring(two).Yanking(one, "old");
        Completed(await SyncAsync(repository, remote, new { mirror = true }));

        Assert.That(first, Is.EqualTo(["2.0 broken"]));
        Assert.That(await YanksAsync(repository), Is.EqualTo(["1.0 old"]));
    }

    [Test]
    public async Task Provenances_are_taken_where_the_remote_wants_them()
    {
        const string Provenance = """
            {"version": 1, "attestation_bundles": [{"publisher": {"kind": "GitHub"}, "attestations": []}]}
            """;
        var name = PulpClient.Unique();
        var (one, two) = (TestPackage.Wheel(name, "1.0"), TestPackage.Wheel(name, "2.0"));
        Index.With(one, two).Vouching(one, Provenance).Vouching(two, "nonsense");

        var (without, _, plain) = await SyncedAsync(new { includes = new[] { name } });
        var (repository, remote, task) = await SyncedAsync(new { includes = new[] { name }, provenance = true });
        Completed(await SyncAsync(repository, remote, new { mirror = true }));

        Completed(plain);
        Completed(task);
        var packages = await PackagesAsync(repository);
        var held = await ProvenancesAsync(repository);
        var none = await ProvenancesAsync(without);
        Assert.Multiple(() =>
        {
            Assert.That(none, Is.Empty);
            Assert.That(
                held,
                Is.EqualTo(
                    packages.Where(p => (string?)p["filename"] == one.Filename).Select(p => (string?)p["pulp_href"])
                )
            );
            Assert.That(Warnings(task, "python.provenance_failed").Single(), Does.StartWith(two.Filename));
        });
    }

    [Test]
    public async Task What_the_repository_blocks_is_left_out_until_it_is_allowed()
    {
        var name = PulpClient.Unique();
        var (one, two) = (TestPackage.Wheel(name, "1.0"), TestPackage.Wheel(name, "2.0"));
        Index.With(one, two);
        var remote = await NewRemoteAsync(new { includes = new[] { name } });
        var repository = await NewRepositoryAsync();
        var entry = await Api.PostAsync($"{repository}blocklist_entries/", new { name, version = "2.0" });

        var task = await SyncAsync(repository, remote);
        var first = await FilesAsync(repository);
        await Api.DeleteAsync(entry.Href);
        Completed(await SyncAsync(repository, remote));

        Completed(task);
        var second = await FilesAsync(repository);
        Assert.Multiple(() =>
        {
            Assert.That(first, Is.EqualTo([one.Filename]));
            Assert.That(Warnings(task, "python.blocked"), Has.Count.EqualTo(1));
            Assert.That(second, Is.EquivalentTo([one.Filename, two.Filename]));
        });
    }

    private async Task<IReadOnlyList<string?>> ProvenancesAsync(string repository)
    {
        var version = (string?)(await Api.GetAsync(repository)).Json?["latest_version_href"];
        var list = await Api.GetAsync($"content/python/provenance/?repository_version={version}");
        return [.. list.Results.Select(p => (string?)p["package"])];
    }

    private async Task<IReadOnlyList<string>> YanksAsync(string repository)
    {
        var version = (string?)(await Api.GetAsync(repository)).Json?["latest_version_href"];
        var yanks = await Api.GetAsync($"content/python/yanks/?repository_version={version}");
        return [.. yanks.Results.Select(y => $"{y["version"]} {y["reason"]}")];
    }
}
