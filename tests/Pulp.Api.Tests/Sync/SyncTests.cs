namespace Pulp.Api.Tests.Sync;

[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class SyncTests(Engine engine) : ApiFixture(engine)
{
    [Test]
    public async Task An_immediate_sync_stores_every_file_and_makes_version_1()
    {
        Upstream.With("a.txt", "a").With("sub/b.txt", "bb").Listed();

        var (repository, _) = await SyncedAsync();

        var version = await Api.GetAsync(await Api.LatestAsync(repository));
        var files = await Api.GetAsync($"content/file/files/?repository_version={version.Href}");
        Assert.Multiple(() =>
        {
            Assert.That((int?)version.Json?["number"], Is.EqualTo(1));
            Assert.That((int?)version.Json?["content_summary"]?["present"]?["file.file"]?["count"], Is.EqualTo(2));
            Assert.That(
                files.Results.Select(f => (string?)f["relative_path"]),
                Is.EquivalentTo(new[] { "a.txt", "sub/b.txt" })
            );
            Assert.That(
                files.Results.Select(f => (string?)f["artifact"]),
                Has.All.StartsWith("/pulp/api/v3/artifacts/")
            );
        });
    }

    [TestCase("on_demand")]
    [TestCase("streamed")]
    public async Task A_lazy_sync_downloads_only_the_manifest(string policy)
    {
        Upstream.With("a.txt", policy + Guid.NewGuid()).Listed();

        var (repository, _) = await SyncedAsync(policy);

        var files = await Api.GetAsync($"content/file/files/?repository_version={await Api.LatestAsync(repository)}");
        Assert.Multiple(() =>
        {
            Assert.That(Upstream.Count("a.txt"), Is.Zero);
            Assert.That(files.Results[0]["artifact"], Is.Null);
            Assert.That((string?)files.Results[0]["sha256"], Has.Length.EqualTo(64));
        });
    }

    [Test]
    public async Task An_unchanged_upstream_makes_no_version_and_is_told()
    {
        Upstream.With("a.txt", "same").Listed();
        var (repository, remote) = await SyncedAsync();

        var again = await Api.SyncAsync(repository, remote);

        await Assert.MultipleAsync(async () =>
        {
            Assert.That(again["created_resources"]?.AsArray(), Is.Empty);
            Assert.That(again["progress_reports"]?.ToJsonString(), Does.Contain("sync.was_skipped"));
            Assert.That(await Api.LatestAsync(repository), Does.EndWith("/versions/1/"));
        });
    }

    [Test]
    public async Task Without_optimize_an_unchanged_upstream_is_read_and_still_makes_no_version()
    {
        Upstream.With("a.txt", "same").Listed();
        var (repository, remote) = await SyncedAsync();

        var again = await Api.SyncAsync(repository, remote, optimize: false);

        await Assert.MultipleAsync(async () =>
        {
            Assert.That((string?)again["state"], Is.EqualTo("completed"));
            Assert.That(again["progress_reports"]?.ToJsonString(), Does.Contain("sync.parsing.metadata"));
            Assert.That(await Api.LatestAsync(repository), Does.EndWith("/versions/1/"));
        });
    }

    [TestCase(false, new[] { "a.txt", "b.txt", "c.txt" })]
    [TestCase(true, new[] { "b.txt", "c.txt" })]
    public async Task A_changed_upstream_makes_version_2(bool mirror, string[] expected)
    {
        Upstream.With("a.txt", "a").With("b.txt", "b").Listed();
        var (repository, remote) = await SyncedAsync();
        Upstream.Without("a.txt").With("b.txt", "changed").With("c.txt", "c").Listed();

        await Api.SyncAsync(repository, remote, mirror);

        var latest = await Api.LatestAsync(repository);
        var files = await Api.GetAsync($"content/file/files/?repository_version={latest}&relative_path=b.txt");
        await Assert.MultipleAsync(async () =>
        {
            Assert.That(latest, Does.EndWith("/versions/2/"));
            Assert.That(await Api.PathsAsync(latest), Is.EqualTo(expected));
            Assert.That(files.Results, Has.Count.EqualTo(1));
            Assert.That(await Api.PathsAsync(repository + "versions/1/"), Is.EqualTo(new[] { "a.txt", "b.txt" }));
        });
    }

    [Test]
    public async Task A_wrong_digest_fails_the_task_with_the_file_and_leaves_the_repository()
    {
        Upstream.With("good.txt", "good").With("bad.txt", "promised").Listed().With("bad.txt", "deliver");
        var remote = await Api.NewRemoteAsync(Upstream.Manifest);
        var repository = await Api.NewRepositoryAsync();

        var task = await Api.SyncAsync(repository, remote);

        await Assert.MultipleAsync(async () =>
        {
            Assert.That((string?)task["state"], Is.EqualTo("failed"));
            Assert.That((string?)task["error"]?["description"], Does.Contain("bad.txt"));
            Assert.That(await Api.LatestAsync(repository), Does.EndWith("/versions/0/"));
            Assert.That((await Api.GetAsync(repository + "versions/")).Results, Has.Count.EqualTo(1));
        });
    }

    [Test]
    public async Task After_a_failed_sync_the_next_one_makes_version_1()
    {
        Upstream.With("a.txt", "promised").Listed().With("a.txt", "deliver");
        var remote = await Api.NewRemoteAsync(Upstream.Manifest);
        var repository = await Api.NewRepositoryAsync();
        await Api.SyncAsync(repository, remote);
        Upstream.With("a.txt", "promised");

        var task = await Api.SyncAsync(repository, remote);

        await Assert.MultipleAsync(async () =>
        {
            Assert.That((string?)task["state"], Is.EqualTo("completed"));
            Assert.That(await Api.PathsAsync(repository + "versions/1/"), Is.EqualTo(new[] { "a.txt" }));
        });
    }

    [TestCase("../climbs.txt")]
    [TestCase("/absolute.txt")]
    [TestCase("a//b.txt")]
    [TestCase("a/./b.txt")]
    [TestCase("back\\slash.txt")]
    public async Task A_manifest_with_a_path_that_tricks_is_refused(string path)
    {
        Upstream.With("PULP_MANIFEST", $"{path},{new string('0', 64)},1\n");
        var repository = await Api.NewRepositoryAsync();

        var task = await Api.SyncAsync(repository, await Api.NewRemoteAsync(Upstream.Manifest, "on_demand"));

        Assert.That((string?)task["error"]?["description"], Does.Contain("not allowed"));
    }

    [TestCase("only-a-path\n", "path,sha256,size")]
    [TestCase("a.txt,nodigest,1\n", "SHA-256")]
    [TestCase("a.txt,0000000000000000000000000000000000000000000000000000000000000000,many\n", "size")]
    public async Task A_manifest_that_can_not_be_read_fails_with_its_line(string manifest, string why)
    {
        Upstream.With("PULP_MANIFEST", "# a comment\n" + manifest);

        var task = await Api.SyncAsync(await Api.NewRepositoryAsync(), await Api.NewRemoteAsync(Upstream.Manifest));

        Assert.That((string?)task["error"]?["description"], Does.Contain("line 2").And.Contain(why));
    }

    [Test]
    public async Task An_upstream_that_is_busy_is_tried_again_after_the_time_it_names()
    {
        Upstream.With("a.txt", "patience").Listed();
        var refused = 0;
        Upstream.Faulty(
            "a.txt",
            async context =>
            {
                if (Interlocked.Increment(ref refused) <= 2)
                {
                    context.Response.StatusCode = 503;
                    context.Response.Headers.RetryAfter = "1";
                    return;
                }

                await context.Response.WriteAsync("patience");
            }
        );

        var (repository, _) = await SyncedAsync();

        Assert.That(await Api.PathsAsync(await Api.LatestAsync(repository)), Is.EqualTo(new[] { "a.txt" }));
    }

    [Test]
    public async Task A_transfer_that_breaks_off_goes_on_where_it_stopped()
    {
        var text = string.Concat(Enumerable.Range(0, 20_000).Select(i => i.ToString("D6")));
        Upstream.With("big.bin", text).Listed();
        var ranges = new List<string>();
        Upstream.Faulty(
            "big.bin",
            async context =>
            {
                var bytes = Encoding.UTF8.GetBytes(text);
                var range = context.Request.Headers.Range.ToString();
                ranges.Add(range);
                context.Response.Headers.ETag = "\"one\"";
                if (range.Length == 0)
                {
                    context.Response.ContentLength = bytes.Length;
                    // Less than was promised: the server closes the connection behind it. A reset would discard what the client
                    // hasn't read yet, and leave it nothing to go on from.
                    await context.Response.Body.WriteAsync(bytes.AsMemory(0, 50_000));
                    return;
                }

                var from = int.Parse(range["bytes=".Length..^1]);
                context.Response.StatusCode = 206;
                context.Response.Headers.ContentRange = $"bytes {from}-{bytes.Length - 1}/{bytes.Length}";
                context.Response.ContentLength = bytes.Length - from;
                await context.Response.Body.WriteAsync(bytes.AsMemory(from));
            }
        );

        var (repository, _) = await SyncedAsync();

        await Assert.MultipleAsync(async () =>
        {
            Assert.That(ranges[0], Is.Empty);
            Assert.That(ranges[^1], Does.StartWith("bytes="));
            Assert.That(await Api.PathsAsync(await Api.LatestAsync(repository)), Is.EqualTo(new[] { "big.bin" }));
        });
    }

    [Test]
    public async Task A_body_longer_than_promised_is_cut_off()
    {
        Upstream.With("a.txt", "short").Listed();
        Upstream.Faulty(
            "a.txt",
            async context =>
            {
                var piece = new byte[64 * 1024];
                while (!context.RequestAborted.IsCancellationRequested)
                {
                    await context.Response.Body.WriteAsync(piece, context.RequestAborted);
                }
            }
        );

        var task = await Api.SyncAsync(await Api.NewRepositoryAsync(), await Api.NewRemoteAsync(Upstream.Manifest));

        Assert.That((string?)task["error"]?["description"], Does.Contain("longer than the 5 bytes"));
    }

    [Test]
    public async Task A_missing_manifest_fails_with_the_upstreams_answer()
    {
        var task = await Api.SyncAsync(
            await Api.NewRepositoryAsync(),
            await Api.NewRemoteAsync(Upstream.Url + "/none")
        );

        Assert.That((string?)task["error"]?["description"], Does.Contain("404").And.Contain("/none"));
    }

    [Test]
    public async Task Without_any_remote_a_sync_is_refused()
    {
        var answer = await Api.PostAsync(await Api.NewRepositoryAsync() + "sync/");

        Assert.Multiple(() =>
        {
            Assert.That(answer.Code, Is.EqualTo(400));
            Assert.That(answer.Json?["remote"]?[0]?.ToString(), Does.Contain("required"));
        });
    }

    [Test]
    public async Task Autopublish_publishes_each_new_version_with_it()
    {
        Upstream.With("a.txt", "auto").Listed();
        var remote = await Api.NewRemoteAsync(Upstream.Manifest);
        var repository = await Api.NewRepositoryAsync(new { autopublish = true, manifest = "MY_MANIFEST" });

        var task = await Api.SyncAsync(repository, remote);

        var (_, path) = await Api.NewDistributionAsync(new { repository });
        await Assert.MultipleAsync(async () =>
        {
            Assert.That(task["created_resources"]?.AsArray().Count, Is.EqualTo(2));
            Assert.That((await Api.GetAsync(path + "MY_MANIFEST")).Text, Does.StartWith("a.txt,"));
        });
    }

    [Test]
    public async Task A_file_remote_reads_only_below_allowed_paths()
    {
        var answer = await Api.PostAsync(
            "remotes/file/file/",
            new { name = PulpClient.Unique(), url = "file:///etc/passwd" }
        );

        Assert.Multiple(() =>
        {
            Assert.That(answer.Code, Is.EqualTo(400));
            Assert.That(answer.Json?["url"]?[0]?.ToString(), Does.Contain("not an allowed import path"));
        });
    }
}
