using Microsoft.AspNetCore.Http;

namespace PulpContainer.Tests.Sync;

/// <summary>Upstreams that refuse, limit, lie and die.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class SyncFaultTests(Engine engine) : SyncFixture(engine)
{
    [Test]
    public async Task Tokens_are_asked_for_once_and_again_when_they_end()
    {
        Registry.Account = "me:secret";
        Registry.TokenUses = 6;
        for (var i = 0; i < 5; i++)
        {
            Registry.With("team/app", $"{i}", TestImage.New());
        }

        var (_, name, _) = await SyncNewAsync(
            await NewRemoteAsync(
                "team/app",
                new
                {
                    username = "me",
                    password = "secret",
                    download_concurrency = 1,
                }
            )
        );

        var tags = await TagsAsync(name);
        var requests = Registry.Requests.Count(r => !r.StartsWith("TOKEN", StringComparison.Ordinal));
        Assert.Multiple(() =>
        {
            Assert.That(tags, Has.Count.EqualTo(5));
            Assert.That(Registry.Tokens, Is.GreaterThan(1).And.LessThan(requests / 4));
            Assert.That(Registry.Requests, Has.Member("TOKEN fake, \"quoted\" repository:team/app:pull"));
        });
    }

    [Test]
    public async Task Names_and_passwords_do_where_there_are_no_tokens()
    {
        (Registry.Account, Registry.IsBasic) = ("me:secret", true);
        Registry.With("app", "1", TestImage.New());

        var (_, name, _) = await SyncNewAsync(
            await NewRemoteAsync("app", new { username = "me", password = "secret" })
        );
        var (repository, _) = await NewRepositoryAsync();
        var refused = await SyncAsync(repository, await NewRemoteAsync("app"));

        var tags = await TagsAsync(name);
        Assert.Multiple(() =>
        {
            Assert.That(tags, Is.EqualTo(["1"]));
            Assert.That((string?)refused["state"], Is.EqualTo("failed"));
            Assert.That(ErrorOf(refused), Does.Contain("401").And.Not.Contain("secret"));
        });
    }

    [Test]
    public async Task A_wrong_password_fails_in_clear_words()
    {
        Registry.Account = "me:secret";
        Registry.With("app", "1", TestImage.New());
        var (repository, _) = await NewRepositoryAsync();

        var task = await SyncAsync(
            repository,
            await NewRemoteAsync("app", new { username = "me", password = "wrong-one" })
        );

        Assert.That(ErrorOf(task), Does.Contain("/token").And.Contain("401").And.Not.Contain("wrong-one"));
    }

    [Test]
    public async Task A_repository_that_upstream_has_not_fails_in_clear_words()
    {
        var (repository, _) = await NewRepositoryAsync();

        var task = await SyncAsync(repository, await NewRemoteAsync("nothing/here"));

        Assert.That(ErrorOf(task), Does.Contain("nothing/here").And.Contain("isn't known"));
    }

    [TestCase("on_demand")]
    [TestCase("immediate")]
    public async Task An_upstream_that_dies_in_the_middle_leaves_the_old_version(string policy)
    {
        var (one, two, three) = (TestImage.New(), TestImage.New(), TestImage.New());
        Registry.With("app", "1", one);
        var remote = await NewRemoteAsync("app", new { policy });
        var (repository, name, _) = await SyncNewAsync(remote, new { mirror = true });
        Registry.Untag("app", "1");
        Registry.With("app", "2", two).With("app", "3", three);
        var config = $"v2/app/blobs/{TestImage.DigestOf(three.Config)}";
        Registry.Faulty(
            config,
            context =>
            {
                context.Abort();
                return Task.CompletedTask;
            }
        );

        var failed = await SyncAsync(repository, remote, new { mirror = true });
        var tags = await TagsAsync(name);
        Registry.Blob("app", three.Config);
        Registry.Requests.Clear();
        Completed(await SyncAsync(repository, remote, new { mirror = true }));

        var after = await TagsAsync(name);
        Assert.Multiple(() =>
        {
            Assert.That((string?)failed["state"], Is.EqualTo("failed"));
            Assert.That(tags, Is.EqualTo(["1"]));
            Assert.That(after, Is.EqualTo(["2", "3"]));
        });
    }

    [Test]
    public async Task A_sync_goes_on_where_the_last_one_broke_off()
    {
        var (one, two) = (TestImage.New(), TestImage.New());
        Registry.With("app", "1", one).With("app", "2", two);
        Registry.Faulty($"v2/app/manifests/{two.Digest}", Refuse(503));
        // One after the other: what the first needs is stored when the second fails.
        var remote = await NewRemoteAsync("app", new { download_concurrency = 1 });
        var (repository, name) = await NewRepositoryAsync();

        var failed = await SyncAsync(repository, remote);
        Registry.With("app", "2", two);
        Completed(await SyncAsync(repository, remote));

        var tags = await TagsAsync(name);
        Assert.Multiple(() =>
        {
            Assert.That((string?)failed["state"], Is.EqualTo("failed"));
            Assert.That(tags, Is.EqualTo(["1", "2"]));
            Assert.That(Registry.Count($"GET /v2/app/manifests/{one.Digest}"), Is.EqualTo(1));
        });
    }

    [Test]
    public async Task Manifests_and_blobs_that_are_not_what_they_should_be_are_refused()
    {
        var (manifest, layer) = (TestImage.New(), TestImage.New());
        Registry.With("app", "1", manifest).With("other", "1", layer);
        Registry.Faulty($"v2/app/manifests/{manifest.Digest}", context => context.Response.WriteAsync("{}"));
        Registry.Faulty(
            $"v2/other/blobs/{TestImage.DigestOf(layer.Layers[0])}",
            context => context.Response.WriteAsync(new string('x', 2000))
        );
        var ((one, _), (two, _)) = (await NewRepositoryAsync(), await NewRepositoryAsync());

        var wrongManifest = await SyncAsync(one, await NewRemoteAsync("app"));
        var wrongLayer = await SyncAsync(two, await NewRemoteAsync("other", new { policy = "immediate" }));

        Assert.Multiple(() =>
        {
            Assert.That(ErrorOf(wrongManifest), Does.Contain("digest").And.Contain(manifest.Digest[..20]));
            Assert.That(ErrorOf(wrongLayer), Does.Contain("sha256"));
        });
    }

    [Test]
    public async Task A_used_up_rate_limit_ends_the_sync_before_it_is_refused()
    {
        Registry.With("app", "1", TestImage.New()).With("app", "2", TestImage.New());
        Registry.ManifestHeaders["RateLimit-Remaining"] = "0;w=21600";
        Registry.ManifestHeaders["RateLimit-Limit"] = "100;w=21600";
        var (repository, _) = await NewRepositoryAsync();

        var task = await SyncAsync(repository, await NewRemoteAsync("app", new { download_concurrency = 1 }));

        Assert.Multiple(() =>
        {
            Assert.That(ErrorOf(task), Does.Contain("rate limit"));
            Assert.That(
                Registry.Requests.Count(r => r.StartsWith("GET /v2/app/manifests", StringComparison.Ordinal)),
                Is.Zero
            );
        });
    }

    [Test]
    public async Task Retry_After_is_kept_to()
    {
        var image = TestImage.New();
        Registry.With("app", "1", image);
        var asked = 0;
        Registry.Faulty(
            "v2/app/manifests/1",
            context =>
            {
                if (Interlocked.Increment(ref asked) == 1)
                {
                    context.Response.Headers.RetryAfter = "1";
                    context.Response.StatusCode = 429;
                    return Task.CompletedTask;
                }

                Registry.With("app", "1", image);
                context.Response.Headers["Docker-Content-Digest"] = image.Digest;
                context.Response.ContentType = image.MediaType;
                return Task.CompletedTask;
            }
        );

        var watch = System.Diagnostics.Stopwatch.StartNew();
        var (_, name, _) = await SyncNewAsync(await NewRemoteAsync("app", new { max_retries = 2 }));

        var tags = await TagsAsync(name);
        Assert.Multiple(() =>
        {
            Assert.That(tags, Is.EqualTo(["1"]));
            Assert.That(watch.Elapsed, Is.GreaterThan(TimeSpan.FromSeconds(0.9)));
        });
    }

    [Test]
    public async Task What_is_no_manifest_is_left_out_and_told()
    {
        var image = TestImage.New();
        var old = """{"schemaVersion": 1, "name": "app", "tag": "old"}"""u8.ToArray();
        Registry.With("app", "1", image);
        Registry.With("app", "old", old, "application/vnd.docker.distribution.manifest.v1+prettyjws");
        Registry.With("app", "odd", "[1, 2"u8.ToArray(), TestImage.OciManifest.Replace("+json", ""));

        var (_, name, task) = await SyncNewAsync(await NewRemoteAsync("app"));

        var tags = await TagsAsync(name);
        var refused = Warnings(task, "container.manifest_refused");
        Assert.Multiple(() =>
        {
            Assert.That(tags, Is.EqualTo(["1"]));
            Assert.That(refused, Has.Count.EqualTo(2).And.One.Contains("schema version 1"));
        });
    }

    [Test]
    public async Task Referrers_in_a_circle_and_pages_elsewhere_dont_hold_a_sync_up()
    {
        var image = TestImage.New();
        Registry.With("app", "1", image);
        Registry.Faulty(
            $"v2/app/referrers/{image.Digest}",
            context =>
            {
                context.Response.ContentType = TestImage.OciIndex;
                return context.Response.Body.WriteAsync(TestImage.Index(image)).AsTask();
            }
        );
        var (_, name, _) = await SyncNewAsync(await NewRemoteAsync("app"));
        Registry.Faulty(
            "v2/app/tags/list",
            context =>
            {
                context.Response.Headers.Link = "<http://elsewhere.example/v2/app/tags/list>; rel=\"next\"";
                return context.Response.WriteAsJsonAsync(new { tags = new[] { "1" } });
            }
        );
        var (repository, _) = await NewRepositoryAsync();

        var elsewhere = await SyncAsync(repository, await NewRemoteAsync("app"));

        var tags = await TagsAsync(name);
        Assert.Multiple(() =>
        {
            Assert.That(tags, Is.EqualTo(["1"]));
            Assert.That(ErrorOf(elsewhere), Does.Contain("another host"));
        });
    }

    private static Func<HttpContext, Task> Refuse(int status) =>
        context =>
        {
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        };
}
