using Microsoft.AspNetCore.Http;
using PulpContainer.Tests.Clients;

namespace PulpContainer.Tests.PullThrough;

/// <summary>Caches of other registries.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class PullThroughTests(Engine engine) : PullThroughFixture(engine)
{
    [Test]
    public async Task What_is_pulled_is_fetched_once_and_stays_when_upstream_is_gone()
    {
        using var tools = new ContainerTools();
        using var registry = await DockerRegistry.StartAsync();
        var (image, other) = (TestImage.New(), TestImage.New(architecture: "arm64"));
        await registry.PushAsync("team/app", image.Digest, image);
        await registry.PushAsync("team/app", other.Digest, other);
        await registry.PushAsync("team/app", "1.0", TestImage.Index(image, other), TestImage.OciIndex);
        await registry.PushAsync("team/app", "2.0", other);
        var cache = await NewCacheAsync(new { url = registry.Url });
        var name = $"{cache}/team/app";

        var first = await PullAsync(tools, name, "1.0", "first");
        registry.Kill();
        var second = await PullAsync(tools, name, "1.0", "second");
        var unpulled = await PullAsync(tools, name, "2.0", "third");

        var listed = await Api.GetAsync($"distributions/container/pull-through/?base_path={cache}");
        var distribution = await Api.GetAsync($"distributions/container/container/?base_path={name}");
        Assert.Multiple(() =>
        {
            Assert.That(first.Code, Is.Zero, first.Output);
            Assert.That(second.Code, Is.Zero, second.Output);
            Assert.That(unpulled.Code, Is.Not.Zero);
            Assert.That(listed.Results.Single()["distributions"]?.AsArray(), Has.Count.EqualTo(1));
            Assert.That((string?)distribution.Results.Single()["remote"], Does.Contain("pull-through"));
        });
    }

    [Test]
    public async Task A_build_cache_is_pulled_with_its_layers()
    {
        var cache = TestImage.BuildCache();
        Registry.With("cache", "1", cache);
        var name = $"{await NewCacheAsync()}/cache";

        var index = await GetAsync($"{name}/manifests/1");
        var layer = await GetAsync($"{name}/blobs/{TestImage.DigestOf(cache.Layers[0])}");

        Assert.That((index.Body, layer.Body), Is.EqualTo((cache.Manifest, cache.Layers[0])));
    }

    [Test]
    public async Task Concurrent_first_pulls_share_one_download()
    {
        var image = TestImage.New();
        Registry.With("app", "1", image);
        var name = $"{await NewCacheAsync()}/app";
        var layer = TestImage.DigestOf(image.Layers[0]);

        var manifests = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => GetAsync($"{name}/manifests/1")));
        var layers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => GetAsync($"{name}/blobs/{layer}")));

        Assert.Multiple(() =>
        {
            Assert.That(manifests.Select(m => m.Body), Is.All.EqualTo(image.Manifest));
            Assert.That(layers.Select(l => l.Body), Is.All.EqualTo(image.Layers[0]));
            Assert.That(layers[0].Header("Docker-Content-Digest"), Is.EqualTo(layer));
            Assert.That(Registry.Count($"GET /v2/app/manifests/{image.Digest}"), Is.EqualTo(1));
            Assert.That(Registry.Count($"GET /v2/app/blobs/{layer}"), Is.EqualTo(1));
            Assert.That(Registry.Count("HEAD /v2/app/manifests/1"), Is.EqualTo(1));
        });
    }

    [Test]
    public async Task Images_of_an_index_come_when_they_are_asked_for()
    {
        var (intel, arm) = (TestImage.New(), TestImage.New(architecture: "arm64"));
        Registry.With("app", null, intel).With("app", null, arm);
        Registry.With("app", "1", TestImage.Index(intel, arm), TestImage.OciIndex);
        var name = $"{await NewCacheAsync()}/app";

        await GetAsync($"{name}/manifests/1");
        var before = Registry.Requests.Count;
        var byDigest = await GetAsync($"{name}/manifests/{arm.Digest}");
        var again = Registry.Requests.Count;
        await GetAsync($"{name}/manifests/{arm.Digest}");
        var layer = await GetAsync($"{name}/blobs/{TestImage.DigestOf(arm.Layers[0])}");

        var list = await Api.GetAsync($"distributions/container/container/?base_path={name}");
        var repository = (string?)list.Results[0]["repository"];
        var version = (string?)(await Api.GetAsync(repository ?? "")).Json?["latest_version_href"];
        var manifests = (await Api.GetAsync($"content/container/manifests/?repository_version={version}")).Results;
        var index = manifests.Single(m => (string?)m["type"] == "index");
        var deleted = await SendAsync("DELETE", $"{name}/manifests/{arm.Digest}");
        Assert.Multiple(() =>
        {
            Assert.That(byDigest.Body, Is.EqualTo(arm.Manifest));
            Assert.That(layer.Body, Is.EqualTo(arm.Layers[0]));
            Assert.That(again - before, Is.EqualTo(3), "HEAD, manifest and configuration");
            Assert.That(Registry.Requests, Has.None.Contains(intel.Digest));
            Assert.That(index["listed_manifests"]?.AsArray(), Has.Count.EqualTo(1));
            Assert.That(manifests.Select(m => (string?)m["architecture"]), Is.EquivalentTo([null, "arm64"]));
            Assert.That(deleted.Status, Is.EqualTo(405), "an index lists it");
        });
    }

    [Test]
    public async Task A_tag_that_upstream_moved_is_moved_and_kept_while_upstream_fails()
    {
        var clock = new MovableClock();
        await using var server = await TestServer.StartAsync(Engine, clock: clock);
        var (one, two) = (TestImage.New(), TestImage.New());
        Registry.With("app", "1", one);
        var name = $"{await NewCacheAsync(server: server)}/app";

        var first = await BytesAsync(server, name);
        Registry.With("app", "1", two);
        var fresh = await BytesAsync(server, name);
        clock.Advance(TimeSpan.FromMinutes(1));
        var moved = await BytesAsync(server, name);
        clock.Advance(TimeSpan.FromMinutes(1));
        Registry.Faulty("v2/app/manifests/1", Refuse(500));
        var kept = await BytesAsync(server, name);
        clock.Advance(TimeSpan.FromMinutes(1));
        Registry.Untag("app", "1");
        var gone = await BytesAsync(server, name);

        Assert.Multiple(() =>
        {
            Assert.That(first, Is.EqualTo(one.Manifest));
            Assert.That(fresh, Is.EqualTo(one.Manifest), "asked just now");
            Assert.That(moved, Is.EqualTo(two.Manifest));
            Assert.That(kept, Is.EqualTo(two.Manifest));
            Assert.That(gone, Is.EqualTo(two.Manifest));
        });
    }

    [Test]
    public async Task Patterns_say_what_may_be_pulled_and_nothing_is_made_of_what_isnt_there()
    {
        Registry.With("library/app", "1", TestImage.New()).With("library/secret", "1", TestImage.New());
        Registry.With("other/app", "1", TestImage.New());
        var cache = await NewCacheAsync(new { includes = new[] { "library/*" }, excludes = new[] { "*/secret" } });

        var taken = await GetAsync($"{cache}/library/app/manifests/1");
        var excluded = await GetAsync($"{cache}/library/secret/manifests/1");
        var other = await GetAsync($"{cache}/other/app/manifests/1");
        var unknown = await GetAsync($"{cache}/library/nothing/manifests/1");
        var tag = await GetAsync($"{cache}/library/app/manifests/2");
        var blob = await GetAsync($"{cache}/library/new/blobs/{TestImage.DigestOf([1])}");

        var made = await Api.GetAsync($"distributions/container/container/?name__startswith={cache}/");
        Assert.Multiple(() =>
        {
            Assert.That(taken.Status, Is.EqualTo(200));
            Assert.That(excluded.Error, Is.EqualTo("NAME_UNKNOWN"));
            Assert.That(other.Error, Is.EqualTo("NAME_UNKNOWN"));
            Assert.That(unknown.Error, Is.EqualTo("MANIFEST_UNKNOWN"));
            Assert.That(tag.Error, Is.EqualTo("MANIFEST_UNKNOWN"));
            Assert.That(blob.Error, Is.EqualTo("NAME_UNKNOWN"));
            Assert.That(made.Results, Has.Count.EqualTo(1));
        });
    }

    [Test]
    public async Task What_isnt_what_it_should_be_is_not_given_on()
    {
        var (manifest, layer) = (TestImage.New(), TestImage.New());
        Registry.With("app", "1", manifest).With("app", "2", layer);
        Registry.Faulty($"v2/app/manifests/{manifest.Digest}", context => context.Response.WriteAsync("{}"));
        Registry.Faulty(
            $"v2/app/blobs/{TestImage.DigestOf(layer.Layers[0])}",
            context => context.Response.WriteAsync(new string('x', 2000))
        );
        var name = $"{await NewCacheAsync()}/app";

        var wrong = await GetAsync($"{name}/manifests/1");
        var right = await GetAsync($"{name}/manifests/2");
        var blob = await GetAsync($"{name}/blobs/{TestImage.DigestOf(layer.Layers[0])}");

        Assert.Multiple(() =>
        {
            Assert.That(wrong.Status, Is.InRange(400, 502).And.Not.EqualTo(500));
            Assert.That(right.Status, Is.EqualTo(200));
            Assert.That(blob.Status, Is.EqualTo(502));
        });
    }

    [Test]
    public async Task Tags_and_referrers_are_listed_as_upstream_has_them_and_as_they_are_here_while_it_fails()
    {
        var (image, other) = (TestImage.New(), TestImage.New());
        var sbom = TestImage.Referrer(image.Digest, "application/spdx+json");
        Registry.With("app", "1", image).With("app", "2", other).With("app", null, sbom);
        var cache = await NewCacheAsync();
        var name = $"{cache}/app";

        var unpulled = await GetAsync($"{name}/tags/list");
        var nobodys = await GetAsync($"{name}/tags/list", AsNobody);
        var unknown = await GetAsync($"{cache}/nothing/tags/list");
        await GetAsync($"{name}/manifests/1");
        var all = await GetAsync($"{name}/tags/list");
        var page = await GetAsync($"{name}/tags/list?n=1");
        var here = await GetAsync($"{name}/tags/list", AsNobody);
        var referrers = await GetAsync($"{name}/referrers/{image.Digest}?artifactType=application/spdx%2Bjson");
        var none = await GetAsync($"{name}/referrers/{image.Digest}?artifactType=x");
        var pulled = await GetAsync($"{name}/manifests/{sbom.Digest}");
        var asked = Registry.Count("GET /v2/app/tags/list");

        var (gone, kept) = (TestImage.New(), $"{await NewCacheAsync()}/old");
        Registry.With("old", "1", gone).With("old", "2", gone);
        await GetAsync($"{kept}/manifests/1");
        Registry.Faulty("v2/old/tags/list", context => Task.Run(() => context.Response.StatusCode = 503));
        var left = (await GetAsync($"{kept}/tags/list")).Json;

        Assert.Multiple(() =>
        {
            Assert.That(Tags(unpulled.Json), Is.EqualTo(["1", "2"]));
            Assert.That((nobodys.Status, unknown.Status), Is.EqualTo((401, 404)));
            Assert.That(Tags(all.Json), Is.EqualTo(["1", "2"]));
            Assert.That(Tags(page.Json), Is.EqualTo(["1"]));
            Assert.That(page.Header("Link"), Does.Contain("last=1"));
            Assert.That(Tags(here.Json), Is.EqualTo(["1"]), "a cache asks for nobody");
            Assert.That((string?)referrers.Json["manifests"]?.AsArray().Single()?["digest"], Is.EqualTo(sbom.Digest));
            Assert.That(none.Json["manifests"]?.AsArray(), Is.Empty);
            Assert.That(pulled.Body, Is.EqualTo(sbom.Manifest));
            Assert.That(asked, Is.LessThanOrEqualTo(3), "lists are remembered for a moment");
            Assert.That(Tags(left), Is.EqualTo(["1"]));
        });
    }

    private static IEnumerable<string?> Tags(JsonNode? list) =>
        list?["tags"]?.AsArray().Select(tag => (string?)tag) ?? [];

    [Test]
    public async Task Nobody_has_a_cache_fetch_anything_without_signing_in()
    {
        Registry.With("app", "1", TestImage.New()).With("app", "2", TestImage.New());
        var name = $"{await NewCacheAsync()}/app";

        var before = await SendAsync("GET", $"{name}/manifests/1", with: AsNobody);
        await GetAsync($"{name}/manifests/1");
        var after = await SendAsync("GET", $"{name}/manifests/1", with: AsNobody);
        var other = await SendAsync("GET", $"{name}/manifests/2", with: AsNobody);
        var pushed = await SendAsync("POST", $"{name}/blobs/uploads/");
        var below = await SendAsync("POST", $"{name}/more/blobs/uploads/");

        Assert.Multiple(() =>
        {
            Assert.That(before.Status, Is.EqualTo(401));
            Assert.That(before.Header("WWW-Authenticate"), Does.Contain($"repository:{name}:pull"));
            Assert.That(after.Status, Is.EqualTo(200));
            Assert.That(other.Status, Is.EqualTo(401));
            Assert.That(pushed.Status, Is.EqualTo(405));
            Assert.That(below.Status, Is.AnyOf(400, 405));
        });
    }

    [Test]
    public async Task An_upstream_with_tokens_is_pulled_through_by_podman_with_ours()
    {
        using var tools = new ContainerTools();
        var image = TestImage.New();
        Registry.Account = "me:secret";
        Registry.With("app", "1", image);
        var name = $"{await NewCacheAsync(new { username = "me", password = "secret" })}/app";

        var pulled = await PullAsync(tools, name, "1", "image");
        Registry.Account = "nobody:any more";
        var again = await PullAsync(tools, name, "1", "again");

        Assert.Multiple(() =>
        {
            Assert.That(pulled.Code, Is.Zero, pulled.Output);
            Assert.That(again.Code, Is.Zero, again.Output);
        });
    }

    [Test]
    public async Task A_registry_that_dies_in_the_middle_of_a_layer_gives_it_later()
    {
        var image = TestImage.New();
        var layer = TestImage.DigestOf(image.Layers[0]);
        Registry.With("app", "1", image);
        var name = $"{await NewCacheAsync()}/app";
        await GetAsync($"{name}/manifests/1");
        Registry.Faulty(
            $"v2/app/blobs/{layer}",
            async context =>
            {
                context.Response.ContentLength = image.Layers[0].Length;
                await context.Response.Body.WriteAsync(image.Layers[0].AsMemory(0, 500));
                await context.Response.Body.FlushAsync();
                context.Abort();
            }
        );

        var broken = await TryAsync($"{name}/blobs/{layer}");
        Registry.Blob("app", image.Layers[0]);
        var whole = await GetAsync($"{name}/blobs/{layer}");

        Assert.Multiple(() =>
        {
            Assert.That(broken, Is.Not.EqualTo(200));
            Assert.That(whole.Body, Is.EqualTo(image.Layers[0]));
        });
    }

    [Test]
    public async Task What_a_cache_had_under_its_old_name_is_answered_as_it_is_here()
    {
        Registry.With("app", "1", TestImage.New()).With("app", "2", TestImage.New());
        var cache = await NewCacheAsync();
        var name = $"{cache}/app";
        await GetAsync($"{name}/manifests/1");
        var asked = Registry.Requests.Count;
        var href = (string?)
            (await Api.GetAsync($"distributions/container/pull-through/?name={cache}")).Results[0]["pulp_href"];
        string[] renamed = [$"{cache}-with-a-much-longer-name", cache[..^2]];

        var replies = new List<Reply>();
        foreach (var path in renamed)
        {
            await Api.CompletedAsync(await Api.PatchAsync(href ?? "", new { base_path = path }));
            replies.Add(await GetAsync($"{name}/tags/list"));
            replies.Add(await GetAsync($"{name}/manifests/1"));
        }

        Assert.Multiple(() =>
        {
            Assert.That(replies.Select(r => r.Status), Is.All.EqualTo(200), replies[0].Text);
            Assert.That(Tags(replies[0].Json), Is.EqualTo(["1"]));
            Assert.That(Registry.Requests, Has.Count.EqualTo(asked), "nothing of it is upstream's");
        });
    }

    private Task<ToolRun> PullAsync(ContainerTools tools, string name, string tag, string directory) =>
        tools.RunAsync(
            "skopeo",
            "--insecure-policy",
            "--override-arch",
            "amd64",
            "copy",
            "--src-tls-verify=false",
            "--src-creds",
            $"admin:{TestServer.Password}",
            $"docker://{new Uri(Server.Url).Authority}/{name}:{tag}",
            $"dir:{tools.NewDirectory(directory)}"
        );

    private static async Task<byte[]> BytesAsync(TestServer server, string name) =>
        await server.Api.Http.GetByteArrayAsync($"/v2/{name}/manifests/1");

    /// <summary>The status, or none where the answer breaks off.</summary>
    private async Task<int> TryAsync(string path)
    {
        try
        {
            return (await GetAsync(path)).Status;
        }
        catch (HttpRequestException)
        {
            return 0;
        }
    }

    private static Func<HttpContext, Task> Refuse(int status) =>
        context =>
        {
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        };
}
