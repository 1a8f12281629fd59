namespace PulpPython.Tests.Index;

/// <summary>The real pip installs from an index.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class PipTests(Engine engine) : PythonFixture(engine)
{
    private readonly Clients _clients = new();

    [OneTimeTearDown]
    public void RemoveFiles() => _clients.Dispose();

    private string Url(string path) => $"{Server.Url}/pypi/{path}/simple/";

    [Test]
    public async Task It_resolves_what_packages_need_of_each_other_with_extras()
    {
        var (repository, path) = await NewIndexAsync();
        await AddAsync(
            repository,
            TestPackage.Wheel(
                "Tea_Party",
                "1.0",
                "Requires-Dist: tea.pot (>=1,<2)\nRequires-Dist: spoon; extra == 'sugar'\nProvides-Extra: sugar"
            ),
            TestPackage.Wheel("tea-pot", "1.0"),
            TestPackage.Wheel("tea-pot", "1.5", "Requires-Dist: lid"),
            TestPackage.Wheel("tea-pot", "2.0"),
            TestPackage.Wheel("lid", "0.1"),
            TestPackage.Wheel("spoon", "3")
        );

        var plain = await _clients.InstallAsync(Url(path), "tea-party");
        var sweet = await _clients.InstallAsync(Url(path), "Tea.Party[sugar]==1.0");

        Assert.Multiple(() =>
        {
            Assert.That(plain.Run.Code, Is.Zero, plain.Run.Output);
            Assert.That(plain.Installed, Is.EqualTo(new[] { "lid-0.1", "tea_party-1.0", "tea_pot-1.5" }));
            Assert.That(sweet.Run.Code, Is.Zero, sweet.Run.Output);
            Assert.That(sweet.Installed, Contains.Item("spoon-3"));
        });
    }

    [Test]
    public async Task It_reads_metadata_beside_a_wheel_instead_of_the_wheel()
    {
        var (repository, path) = await NewIndexAsync();
        await AddAsync(
            repository,
            TestPackage.Wheel("tea-party", "1.0", "Requires-Dist: tea-pot"),
            TestPackage.Wheel("tea-pot", "1.0")
        );

        var report = await _clients.PipAsync(
            "install",
            Url(path),
            "--dry-run",
            "--quiet",
            "--ignore-installed",
            "--report",
            "-",
            "tea-party"
        );

        Assert.That(report.Code, Is.Zero, report.Output);
        Assert.That(report.Output, Does.Contain("tea_pot-1.0-py3-none-any.whl"));
    }

    [Test]
    public async Task Hashes_that_are_required_have_to_fit()
    {
        var (repository, path) = await NewIndexAsync();
        var package = TestPackage.Wheel("cup", "1.0");
        await AddAsync(repository, package);
        var good = _clients.Write(
            $"{path}-good.txt",
            Encoding.ASCII.GetBytes($"cup==1.0 --hash=sha256:{package.Sha256}\n")
        );
        var bad = _clients.Write(
            $"{path}-bad.txt",
            Encoding.ASCII.GetBytes($"cup==1.0 --hash=sha256:{new string('0', 64)}\n")
        );

        var fits = await _clients.InstallAsync(Url(path), "--require-hashes", "-r", good);
        var differs = await _clients.InstallAsync(Url(path), "--require-hashes", "-r", bad);

        Assert.Multiple(() =>
        {
            Assert.That(fits.Installed, Is.EqualTo(new[] { "cup-1.0" }), fits.Run.Output);
            Assert.That(differs.Run.Code, Is.Not.Zero);
            Assert.That(differs.Run.Output, Does.Contain("DO NOT MATCH THE HASHES").IgnoreCase);
        });
    }

    [Test]
    public async Task Pre_releases_and_yanked_releases_are_for_who_asks()
    {
        var (repository, path) = await NewIndexAsync();
        foreach (var version in new[] { "1.0", "1.1", "2.0b1" })
        {
            await AddAsync(repository, TestPackage.Wheel("kettle", version));
        }

        await Api.CompletedAsync(
            await Api.PostAsync(
                repository + "yank/",
                new
                {
                    name = "kettle",
                    version = "1.1",
                    reason = "leaks",
                }
            )
        );

        var usual = await _clients.InstallAsync(Url(path), "kettle");
        var early = await _clients.InstallAsync(Url(path), "--pre", "kettle");
        var pinned = await _clients.InstallAsync(Url(path), "kettle==1.1");

        Assert.Multiple(() =>
        {
            Assert.That(usual.Installed, Is.EqualTo(new[] { "kettle-1.0" }), usual.Run.Output);
            Assert.That(early.Installed, Is.EqualTo(new[] { "kettle-2.0b1" }), early.Run.Output);
            Assert.That(pinned.Installed, Is.EqualTo(new[] { "kettle-1.1" }), pinned.Run.Output);
            Assert.That(pinned.Run.Output, Does.Contain("leaks"), "its reason is told");
        });
    }

    [Test]
    public async Task Releases_for_another_python_are_passed_over()
    {
        var (repository, path) = await NewIndexAsync();
        await AddAsync(
            repository,
            TestPackage.Wheel("saucer", "1.0", "Requires-Python: >=3"),
            TestPackage.Wheel("saucer", "2.0", "Requires-Python: >=99")
        );

        var (run, installed) = await _clients.InstallAsync(Url(path), "saucer");

        Assert.That(installed, Is.EqualTo(new[] { "saucer-1.0" }), run.Output);
    }

    [Test]
    public async Task Constraints_hold_and_versions_are_listed()
    {
        var (repository, path) = await NewIndexAsync();
        await AddAsync(
            repository,
            TestPackage.Wheel("samovar", "1.0"),
            TestPackage.Wheel("samovar", "1.5"),
            TestPackage.Source("samovar", "2.0"),
            TestPackage.Wheel("tea-house", "1.0", "Requires-Dist: samovar")
        );
        var constraints = _clients.Write($"{path}.txt", "samovar<1.2\n"u8.ToArray());

        var (run, installed) = await _clients.InstallAsync(
            Url(path),
            "-c",
            constraints,
            "--only-binary",
            ":all:",
            "Tea_House"
        );
        var (newest, binary) = await _clients.InstallAsync(Url(path), "--only-binary", ":all:", "samovar");
        var versions = await _clients.PipAsync("index versions", Url(path), "samovar");

        Assert.Multiple(() =>
        {
            Assert.That(installed, Is.EqualTo(new[] { "samovar-1.0", "tea_house-1.0" }), run.Output);
            Assert.That(binary, Is.EqualTo(new[] { "samovar-1.5" }), newest.Output);
            Assert.That(versions.Output, Does.Contain("Available versions: 2.0, 1.5, 1.0"));
        });
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Guarded_files_are_for_who_has_a_token(bool inNetrc)
    {
        using var clients = new Clients();
        var guard = await Api.PostAsync("contentguards/core/rbac/", new { name = PulpClient.Unique() });
        var (repository, path) = await NewIndexAsync(more: new { content_guard = guard.Href });
        await AddAsync(repository, TestPackage.Wheel("biscuit", "1.0"));
        var admin = (await Api.GetAsync("users/?username=admin")).Results[0]["pulp_href"];
        var token = (
            await Api.PostAsync($"{admin}tokens/", new { name = PulpClient.Unique(), scope = "read_only" })
        ).Json;

        var stranger = await clients.InstallAsync(Url(path), "biscuit");
        var index = new UriBuilder(Url(path));
        if (inNetrc)
        {
            clients.Write(
                ".netrc",
                Encoding.UTF8.GetBytes($"machine 127.0.0.1 login __token__ password {token?["token"]}\n")
            );
        }
        else
        {
            (index.UserName, index.Password) = ("__token__", (string?)token?["token"]);
        }

        var known = await clients.InstallAsync(index.Uri.AbsoluteUri, "biscuit");

        Assert.Multiple(() =>
        {
            Assert.That(stranger.Run.Code, Is.Not.Zero);
            Assert.That(stranger.Run.Output, Does.Contain("403"));
            Assert.That(known.Installed, Is.EqualTo(new[] { "biscuit-1.0" }), known.Run.Output);
        });
    }

    [Test]
    public async Task Download_fetches_wheels_and_sdists()
    {
        var (repository, path) = await NewIndexAsync();
        var wheel = TestPackage.Wheel("tray", "1.0");
        var source = TestPackage.Source("tray", "1.0");
        await AddAsync(repository, wheel, source);
        var directory = _clients.NewDirectory(path);

        var run = await _clients.PipAsync("download", Url(path), "--no-deps", "--dest", directory, "tray");

        Assert.That(run.Code, Is.Zero, run.Output);
        Assert.That(await File.ReadAllBytesAsync(Path.Combine(directory, wheel.Filename)), Is.EqualTo(wheel.Bytes));
    }

    [Test]
    public async Task What_is_not_there_is_an_error_that_says_so()
    {
        var (_, path) = await NewIndexAsync();

        var (run, _) = await _clients.InstallAsync(Url(path), "nothing-of-the-kind");

        Assert.That(run.Code, Is.Not.Zero);
        Assert.That(run.Output, Does.Contain("No matching distribution"));
    }
}
