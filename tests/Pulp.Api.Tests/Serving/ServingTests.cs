using System.Net.Http.Headers;

namespace Pulp.Api.Tests.Serving;

[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class ServingTests(Engine engine) : ApiFixture(engine)
{
    private async Task<string> PublishedAsync(string policy = "immediate")
    {
        var (repository, _) = await SyncedAsync(policy);
        await Api.NewPublicationAsync(new { repository });
        return (await Api.NewDistributionAsync(new { repository })).Path;
    }

    private async Task<HttpResponseMessage> GetAsync(
        string path,
        Action<HttpRequestHeaders>? with = null,
        HttpMethod? method = null
    )
    {
        using var request = new HttpRequestMessage(method ?? HttpMethod.Get, path);
        with?.Invoke(request.Headers);
        return await Api.Http.SendAsync(request);
    }

    [Test]
    public async Task A_published_file_is_served_and_remembered()
    {
        Upstream.With("dir/a.txt", "hello").Listed();
        var path = await PublishedAsync();

        using var first = await GetAsync(path + "dir/a.txt");
        using var second = await GetAsync(path + "dir/a.txt");

        await Assert.MultipleAsync(async () =>
        {
            Assert.That(await first.Content.ReadAsStringAsync(), Is.EqualTo("hello"));
            Assert.That(first.Headers.GetValues("X-PULP-CACHE"), Is.EqualTo(new[] { "MISS" }));
            Assert.That(await second.Content.ReadAsStringAsync(), Is.EqualTo("hello"));
            Assert.That(second.Headers.GetValues("X-PULP-CACHE"), Is.EqualTo(new[] { "HIT" }));
            Assert.That(second.Headers.GetValues("X-PULP-ARTIFACT-SIZE"), Is.EqualTo(new[] { "5" }));
            Assert.That(second.Content.Headers.ContentType?.MediaType, Is.EqualTo("text/plain"));
            Assert.That(second.Headers.AcceptRanges, Is.EqualTo(new[] { "bytes" }));
        });
    }

    [Test]
    public async Task Who_walks_through_a_distribution_soon_finds_everything_remembered()
    {
        const int files = 1000;
        for (var i = 0; i < files; i++)
        {
            Upstream.With($"d{i % 7}/f{i}", $"file {i}");
        }

        Upstream.Listed();
        var path = await PublishedAsync();
        var remembered = -1;
        for (var i = 0; i < files - 1 && remembered < 0; i++)
        {
            using var first = await GetAsync(path + $"d{i % 7}/f{i}");
            Assert.That(await first.Content.ReadAsStringAsync(), Is.EqualTo($"file {i}"));
            remembered = first.Headers.GetValues("X-PULP-CACHE").Single() == "HIT" ? i : -1;
        }

        using var last = await GetAsync(path + $"d{(files - 1) % 7}/f{files - 1}");
        using var manifest = await GetAsync(path + "PULP_MANIFEST");
        using var unknown = await GetAsync(path + "d1/none");
        await Assert.MultipleAsync(async () =>
        {
            Assert.That(remembered, Is.GreaterThanOrEqualTo(files / 10), "look-ups came first");
            Assert.That(await last.Content.ReadAsStringAsync(), Is.EqualTo($"file {files - 1}"));
            Assert.That(await manifest.Content.ReadAsStringAsync(), Does.Contain($"f{files - 1},"));
            Assert.That((int)unknown.StatusCode, Is.EqualTo(404));
        });
    }

    [TestCase("bytes=0-1", 206, "01", "bytes 0-1/10")]
    [TestCase("bytes=5-", 206, "56789", "bytes 5-9/10")]
    [TestCase("bytes=-3", 206, "789", "bytes 7-9/10")]
    [TestCase("bytes=8-99", 206, "89", "bytes 8-9/10")]
    [TestCase("bytes=10-", 416, "", "bytes */10")]
    [TestCase("bytes=-0", 416, "", "bytes */10")]
    [TestCase("lines=1-2", 200, "0123456789", null)]
    public async Task Ranges_are_answered_as_RFC_9110_says(string range, int status, string body, string? contentRange)
    {
        Upstream.With("digits", "0123456789").Listed();
        var path = await PublishedAsync();

        using var answer = await GetAsync(path + "digits", h => h.TryAddWithoutValidation("Range", range));

        await Assert.MultipleAsync(async () =>
        {
            Assert.That((int)answer.StatusCode, Is.EqualTo(status));
            Assert.That(await answer.Content.ReadAsStringAsync(), Is.EqualTo(body));
            Assert.That(answer.Content.Headers.ContentRange?.ToString(), Is.EqualTo(contentRange));
        });
    }

    [Test]
    public async Task A_large_file_comes_whole_and_in_parts()
    {
        var bytes = new byte[3_000_000];
        Random.Shared.NextBytes(bytes);
        Upstream.With("large.bin", bytes).Listed();
        var path = await PublishedAsync();

        using var whole = await GetAsync(path + "large.bin");
        using var part = await GetAsync(path + "large.bin", h => h.Range = new RangeHeaderValue(1_000_000, 1_999_999));

        await Assert.MultipleAsync(async () =>
        {
            Assert.That(await whole.Content.ReadAsByteArrayAsync(), Is.EqualTo(bytes));
            Assert.That(await part.Content.ReadAsByteArrayAsync(), Is.EqualTo(bytes[1_000_000..2_000_000]));
        });
    }

    [Test]
    public async Task Conditions_are_honoured()
    {
        Upstream.With("a", "0123456789").Listed();
        var path = await PublishedAsync() + "a";
        using var first = await GetAsync(path);
        var tag = first.Headers.ETag ?? throw new InvalidOperationException("No ETag.");
        var modified = first.Content.Headers.LastModified ?? throw new InvalidOperationException("No Last-Modified.");

        using var same = await GetAsync(path, h => h.IfNoneMatch.Add(tag));
        using var other = await GetAsync(path, h => h.IfNoneMatch.Add(new EntityTagHeaderValue("\"other\"")));
        using var since = await GetAsync(path, h => h.IfModifiedSince = modified);
        using var failed = await GetAsync(path, h => h.IfMatch.Add(new EntityTagHeaderValue("\"other\"")));
        using var stale = await GetAsync(
            path,
            h =>
            {
                h.Range = new RangeHeaderValue(0, 1);
                h.IfRange = new RangeConditionHeaderValue(new EntityTagHeaderValue("\"other\""));
            }
        );

        await Assert.MultipleAsync(async () =>
        {
            Assert.That((int)same.StatusCode, Is.EqualTo(304));
            Assert.That((int)other.StatusCode, Is.EqualTo(200));
            Assert.That((int)since.StatusCode, Is.EqualTo(304));
            Assert.That((int)failed.StatusCode, Is.EqualTo(412));
            Assert.That(await stale.Content.ReadAsStringAsync(), Is.EqualTo("0123456789"));
        });
    }

    [Test]
    public async Task Head_has_the_headers_and_no_body()
    {
        Upstream.With("a", "12345").Listed();
        var path = await PublishedAsync();

        using var answer = await GetAsync(path + "a", method: HttpMethod.Head);

        await Assert.MultipleAsync(async () =>
        {
            Assert.That(answer.Content.Headers.ContentLength, Is.EqualTo(5));
            Assert.That(await answer.Content.ReadAsByteArrayAsync(), Is.Empty);
        });
    }

    [Test]
    public async Task Directories_are_listed_and_want_their_slash()
    {
        Upstream.With("a & b.txt", "1").With("sub/x/deep.txt", "2").With("sub/y.txt", "3").Listed();
        var path = await PublishedAsync();

        var root = await Api.GetAsync(path);
        var sub = await Api.GetAsync(path + "sub/");
        using var bare = await GetAsync(path + "sub");
        using var none = await GetAsync(path + "nothing/");

        Assert.Multiple(() =>
        {
            Assert.That(root.Text, Does.Contain("href=\"./a%20%26%20b.txt\"").And.Contain("a &amp; b.txt"));
            Assert.That(
                root.Text,
                Does.Contain("href=\"./sub/\"").And.Contain("PULP_MANIFEST").And.Not.Contain("deep.txt")
            );
            Assert.That(sub.Text, Does.Contain("href=\"./x/\"").And.Contain("href=\"./y.txt\""));
            Assert.That((int)bare.StatusCode, Is.EqualTo(301));
            Assert.That(bare.Headers.Location?.ToString(), Is.EqualTo(path + "sub/"));
            Assert.That((int)none.StatusCode, Is.EqualTo(404));
        });
    }

    [TestCase("nothing", 404, "text/plain")]
    [TestCase("sub%2Fa", 404, "text/plain")]
    [TestCase("%2e%2e/%2e%2e/%2e%2e/etc/passwd", 404, "application/json")]
    [TestCase("%00", 400, null)]
    public async Task What_is_not_there_is_not_found_and_no_path_climbs(string what, int status, string? type)
    {
        Upstream.With("a", "1").Listed();
        var path = await PublishedAsync();

        using var answer = await GetAsync(path + what);

        Assert.Multiple(() =>
        {
            Assert.That((int)answer.StatusCode, Is.EqualTo(status));
            Assert.That(answer.Content.Headers.ContentType?.MediaType, Is.EqualTo(type));
        });
    }

    [Test]
    public async Task A_distribution_is_put_back_to_version_1()
    {
        Upstream.With("a", "one").Listed();
        var (repository, remote) = await SyncedAsync();
        var first = await Api.NewPublicationAsync(new { repository });
        var (distribution, path) = await Api.NewDistributionAsync(new { repository });
        Upstream.With("a", "two").Listed();
        await Api.SyncAsync(repository, remote);
        await Api.NewPublicationAsync(new { repository });
        var now = (await Api.GetAsync(path + "a")).Text;

        await Api.CompletedAsync(
            await Api.PatchAsync(distribution, new { repository = (string?)null, publication = first })
        );
        var byPublication = (await Api.GetAsync(path + "a")).Text;
        await Api.CompletedAsync(
            await Api.PatchAsync(
                distribution,
                new { publication = (string?)null, repository_version = repository + "versions/2/" }
            )
        );
        var byVersion = (await Api.GetAsync(path + "a")).Text;

        Assert.That(new[] { now, byPublication, byVersion }, Is.EqualTo(new[] { "two", "one", "two" }));
    }

    [Test]
    public async Task A_moved_distribution_is_gone_from_its_old_address_at_once()
    {
        Upstream.With("a", "moves").Listed();
        var (repository, _) = await SyncedAsync();
        await Api.NewPublicationAsync(new { repository });
        var (distribution, path) = await Api.NewDistributionAsync(new { repository });
        await Api.GetAsync(path + "a");
        var moved = PulpClient.Unique();

        await Api.CompletedAsync(await Api.PatchAsync(distribution, new { base_path = moved }));

        await Assert.MultipleAsync(async () =>
        {
            Assert.That((await Api.GetAsync(path + "a")).Code, Is.EqualTo(404));
            Assert.That((await Api.GetAsync($"/pulp/content/{moved}/a")).Text, Is.EqualTo("moves"));
        });
    }

    [Test]
    public async Task A_file_that_was_missing_is_served_as_soon_as_it_is_published()
    {
        Upstream.With("a", "1").Listed();
        var (repository, remote) = await SyncedAsync();
        await Api.NewPublicationAsync(new { repository });
        var (_, path) = await Api.NewDistributionAsync(new { repository });
        var before = await Api.GetAsync(path + "late");
        Upstream.With("late", "now").Listed();
        await Api.SyncAsync(repository, remote);

        await Api.NewPublicationAsync(new { repository });

        await Assert.MultipleAsync(async () =>
        {
            Assert.That(before.Code, Is.EqualTo(404));
            Assert.That((await Api.GetAsync(path + "late")).Text, Is.EqualTo("now"));
        });
    }

    [Test]
    public async Task Hidden_distributions_are_served_and_not_listed()
    {
        Upstream.With("a", "hidden").Listed();
        var (repository, _) = await SyncedAsync();
        await Api.NewPublicationAsync(new { repository });
        var (_, hidden) = await Api.NewDistributionAsync(new { repository, hidden = true });
        var (_, shown) = await Api.NewDistributionAsync(new { repository });

        var listing = (await Api.GetAsync("/pulp/content/")).Text;

        await Assert.MultipleAsync(async () =>
        {
            Assert.That(listing, Does.Contain(shown.Split('/')[^2]).And.Not.Contain(hidden.Split('/')[^2]));
            Assert.That((await Api.GetAsync(hidden + "a")).Text, Is.EqualTo("hidden"));
        });
    }

    [Test]
    public async Task What_was_synced_is_served_when_the_upstream_is_gone()
    {
        Upstream.With("a", "still here").Listed();
        var path = await PublishedAsync();
        await StopUpstreamAsync();

        Assert.That((await Api.GetAsync(path + "a")).Text, Is.EqualTo("still here"));
        await StartUpstreamAsync();
    }
}
