using System.Net;

namespace PulpPython.Tests.PullThrough;

/// <summary>What other indexes say less of, or more, and files that nobody makes like that any more.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class ForeignPagesTests(Engine engine) : PullThroughFixture(engine)
{
    private static readonly string[] Tracked = ["https://pypi.example.com/simple/tea/"];
    private static readonly string[] Alternate =
    [
        "https://one.example.com/simple/tea/",
        "https://two.example.com/simple/tea/?a=1&b=2",
    ];

    [TestCase(true)]
    [TestCase(false)]
    public async Task Metadata_that_is_promised_without_a_digest_is_there(bool speaksJson)
    {
        var wheel = TestPackage.Wheel(PulpClient.Unique(), "1.0");
        Index.With(wheel);
        (Index.SpeaksJson, Index.HasMetadataDigests) = (speaksJson, false);
        var (_, path) = await NewCacheAsync();

        var before = (await JsonPageAsync($"{path}/simple/{wheel.Project}/"))["files"]?[0]?["core-metadata"];
        var html = await PageAsync($"{path}/simple/{wheel.Project}/");
        var metadata = await GetAsync(path, wheel.Filename + ".metadata");
        await GetAsync(path, wheel.Filename);
        var after = (await JsonPageAsync($"{path}/simple/{wheel.Project}/"))["files"]?[0]?["core-metadata"];

        Assert.Multiple(() =>
        {
            Assert.That((bool?)before, Is.True);
            Assert.That(html.Text, Does.Contain(" data-core-metadata=\"true\""));
            Assert.That(metadata.Body, Is.EqualTo(wheel.Metadata));
            Assert.That((string?)after?["sha256"], Is.EqualTo(wheel.MetadataSha256), "read from the wheel");
        });
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task A_sync_fetches_metadata_that_is_promised_without_a_digest_once(bool speaksJson)
    {
        var (wheel, without) = (TestPackage.Wheel("tea", "1.0", PulpClient.Unique()), TestPackage.Wheel("tea", "2.0"));
        Index.With(wheel, without);
        Upstream.Without($"files/{without.Filename}.metadata");
        (Index.SpeaksJson, Index.HasMetadataDigests) = (speaksJson, false);
        var (repository, path, remote) = await NewMirrorAsync();

        await SyncAsync(repository, remote);
        Index.With(TestPackage.Wheel("tea", "3.0"));
        await SyncAsync(repository, remote);
        var files = (await JsonPageAsync($"{path}/simple/tea/"))["files"];
        var metadata = await GetAsync(path, wheel.Filename + ".metadata");

        Assert.Multiple(() =>
        {
            Assert.That((string?)files?[0]?["core-metadata"]?["sha256"], Is.EqualTo(wheel.MetadataSha256));
            Assert.That((bool?)files?[1]?["core-metadata"], Is.False);
            Assert.That(metadata.Body, Is.EqualTo(wheel.Metadata));
            Assert.That(Upstream.Count($"files/{wheel.Filename}.metadata"), Is.EqualTo(1));
        });
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Where_else_a_project_is_stays_with_it(bool speaksJson)
    {
        Index.With(TestPackage.Wheel("tea", "1.0"));
        (Index.SpeaksJson, Index.Tracks) = (speaksJson, Tracked);
        var (_, cache) = await NewCacheAsync();
        var (repository, mirror, remote) = await NewMirrorAsync();
        await SyncAsync(repository, remote);

        foreach (var path in new[] { cache, mirror })
        {
            await ShowsAsync(path, Tracked, []);
        }

        // Nothing else changes, so there is no other version.
        Index.Alternates = Alternate;
        await SyncAsync(repository, remote);
        await ShowsAsync(mirror, Tracked, Alternate);
        (Index.Tracks, Index.Alternates) = ([], []);
        await SyncAsync(repository, remote);

        var plain = await JsonPageAsync($"{mirror}/simple/tea/");
        Assert.That((string?)plain["meta"]?["api-version"], Is.EqualTo("1.1"));
        Assert.That(plain["alternate-locations"], Is.Null);
    }

    [TestCase(".tar.xz")]
    [TestCase(".zip")]
    public async Task A_file_without_metadata_that_can_be_read_is_kept_as_the_index_lists_it(string extension)
    {
        var name = PulpClient.Unique();
        var old = TestPackage.Source(name, "1.0", extension: extension) with
        {
            Bytes = TestPackage.Zip([($"{name}-1.0/setup.py", "print('no PKG-INFO')"u8.ToArray())]),
        };
        Index.With(old);
        var (repository, path) = await NewCacheAsync();

        var first = await GetAsync(path, old.Filename);
        await Upstream.DisposeAsync();
        var again = await GetAsync(path, old.Filename);

        var held = await HeldAsync(repository);
        Assert.Multiple(() =>
        {
            Assert.That(first.Body, Is.EqualTo(old.Bytes));
            Assert.That((again.Status, again.Body), Is.EqualTo((HttpStatusCode.OK, old.Bytes)));
            Assert.That((string?)held[old.Filename]["version"], Is.EqualTo("1.0"));
            Assert.That((string?)held[old.Filename]["packagetype"], Is.EqualTo("sdist"));
        });
    }

    private async Task ShowsAsync(string path, string[] tracks, string[] alternates)
    {
        var page = await JsonPageAsync($"{path}/simple/tea/");
        var html = (await PageAsync($"{path}/simple/tea/")).Text;
        Assert.Multiple(() =>
        {
            Assert.That((string?)page["meta"]?["api-version"], Is.EqualTo("1.2"));
            Assert.That(Texts(page["meta"]?["tracks"]), Is.EqualTo(tracks));
            Assert.That(Texts(page["alternate-locations"]), Is.EqualTo(alternates));
            foreach (
                var (kind, url) in tracks
                    .Select(t => ("tracks", t))
                    .Concat(alternates.Select(a => ("alternate-locations", a)))
            )
            {
                Assert.That(
                    html,
                    Does.Contain($"<meta name=\"pypi:{kind}\" content=\"{WebUtility.HtmlEncode(url)}\">")
                );
            }
        });
    }

    private static IEnumerable<string?> Texts(JsonNode? list) => list?.AsArray().Select(t => (string?)t) ?? [];

    private async Task<(string Repository, string Path, string Remote)> NewMirrorAsync()
    {
        var remote = await Api.PostAsync(
            "remotes/python/python/",
            new
            {
                name = PulpClient.Unique(),
                url = Index.Url,
                includes = new[] { "tea" },
            }
        );
        var (repository, path) = await NewIndexAsync();
        return (repository, path, remote.Href);
    }

    private async Task SyncAsync(string repository, string remote) =>
        await Api.CompletedAsync(await Api.PostAsync(repository + "sync/", new { remote }));
}
