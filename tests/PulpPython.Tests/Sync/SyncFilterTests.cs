namespace PulpPython.Tests.Sync;

/// <summary>Which projects, releases and files a remote takes.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class SyncFilterTests(Engine engine) : IndexFixture(engine)
{
    private static readonly string[] Versions = ["1.0", "1.1", "1.2a1", "2.0", "2.1rc1"];

    private async Task<IReadOnlyList<string?>> VersionsAsync(Func<string, object> remote)
    {
        var name = PulpClient.Unique();
        Index.With([.. Versions.Select(v => TestPackage.Wheel(name, v))]);
        var (repository, _, task) = await SyncedAsync(remote(name));
        Completed(task);
        return [.. (await PackagesAsync(repository)).Select(p => (string?)p["version"]).Order()];
    }

    [Test]
    public async Task Includes_and_excludes_are_specifiers_of_names_in_any_spelling()
    {
        var ranged = await VersionsAsync(n => new { includes = new[] { $"{n.ToUpperInvariant()}>=1.1,<2.1" } });
        var several = await VersionsAsync(n => new { includes = new[] { $"{n}==1.0", $"{n}==2.0" } });
        var excluded = await VersionsAsync(n => new { includes = new[] { n }, excludes = new[] { $"{n}<2" } });
        var named = await VersionsAsync(n => new { includes = new[] { $"{n}>=2.1rc1" } });

        Assert.Multiple(() =>
        {
            Assert.That(ranged, Is.EqualTo(["1.1", "2.0"]));
            Assert.That(several, Is.EqualTo(["1.0", "2.0"]));
            Assert.That(excluded, Is.EqualTo(["2.0"]));
            Assert.That(named, Is.EqualTo(["2.1rc1"]), "a range that names one asks for pre-releases");
        });
    }

    [Test]
    public async Task Pre_releases_and_older_releases_are_taken_where_they_are_wanted()
    {
        var all = await VersionsAsync(n => new { includes = new[] { n }, prereleases = true });
        var latest = await VersionsAsync(n => new { includes = new[] { n }, keep_latest_packages = 2 });
        var one = await VersionsAsync(n => new
        {
            includes = new[] { n },
            keep_latest_packages = 1,
            prereleases = true,
        });

        Assert.Multiple(() =>
        {
            Assert.That(all, Is.EqualTo(Versions));
            Assert.That(latest, Is.EqualTo(["1.1", "2.0"]));
            Assert.That(one, Is.EqualTo(["2.0"]), "the newest that is no pre-release is always kept");
        });
    }

    [Test]
    public async Task Types_and_platforms_are_told_by_files()
    {
        var name = PulpClient.Unique();
        var (any, source, linux, windows, macos) = (
            TestPackage.Wheel(name, "1.0"),
            TestPackage.Source(name, "1.0"),
            TestPackage.Wheel(name, "1.0", tags: "cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64"),
            TestPackage.Wheel(name, "1.0", tags: "cp312-cp312-win_amd64"),
            TestPackage.Wheel(name, "1.0", tags: "cp312-cp312-macosx_11_0_arm64")
        );
        Index.With(any, source, linux, windows, macos);

        var (types, _, one) = await SyncedAsync(new { includes = new[] { name }, package_types = new[] { "sdist" } });
        var (platforms, _, two) = await SyncedAsync(
            new { includes = new[] { name }, exclude_platforms = new[] { "windows", "macos" } }
        );

        Completed(one);
        Completed(two);
        Assert.That(await FilesAsync(types), Is.EqualTo([source.Filename]));
        Assert.That(await FilesAsync(platforms), Is.EquivalentTo([any.Filename, source.Filename, linux.Filename]));
    }

    [Test]
    public async Task A_mirroring_sync_removes_what_the_remote_does_not_take_any_more()
    {
        var name = PulpClient.Unique();
        Index.With([.. Versions.Select(v => TestPackage.Wheel(name, v))]);
        var (repository, remote, _) = await SyncedAsync(new { includes = new[] { name } });
        await Api.CompletedAsync(await Api.PatchAsync(remote, new { includes = new[] { $"{name}==2.0" } }));

        Completed(await SyncAsync(repository, remote, new { mirror = true }));

        Assert.That((await PackagesAsync(repository)).Select(p => (string?)p["version"]), Is.EqualTo(["2.0"]));
    }
}
