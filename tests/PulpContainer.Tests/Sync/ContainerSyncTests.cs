namespace PulpContainer.Tests.Sync;

/// <summary>What a sync takes from another registry.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class ContainerSyncTests(Engine engine) : SyncFixture(engine)
{
    [TestCase("on_demand")]
    [TestCase("immediate")]
    [TestCase("streamed")]
    public async Task Images_of_several_machines_are_pulled_as_upstream_has_them(string policy)
    {
        var (intel, arm, single) = (TestImage.New(), TestImage.New(architecture: "arm64"), TestImage.New());
        var index = TestImage.Index(intel, arm);
        Registry.With("app", null, intel).With("app", null, arm).With("app", "1.0", single);
        Registry.With("app", "latest", index, TestImage.OciIndex);

        var (repository, name, task) = await SyncNewAsync(await NewRemoteAsync("app", new { policy }));
        var blobs = Registry.Requests.Count(r => r.Contains("/blobs/", StringComparison.Ordinal));
        var latest = await GetAsync($"{name}/manifests/latest");
        var ofArm = await GetAsync($"{name}/manifests/{arm.Digest}");
        var layer = await GetAsync($"{name}/blobs/{TestImage.DigestOf(arm.Layers[0])}");
        var version = (string?)(await Api.GetAsync(repository)).Json?["latest_version_href"];
        var manifests = (await Api.GetAsync($"content/container/manifests/?repository_version={version}")).Results;

        Assert.Multiple(() =>
        {
            Assert.That(latest.Body, Is.EqualTo(index));
            Assert.That(ofArm.Body, Is.EqualTo(arm.Manifest));
            Assert.That(layer.Body, Is.EqualTo(arm.Layers[0]));
            Assert.That(blobs, Is.EqualTo(policy == "immediate" ? 6 : 3), "configurations are read in any case");
            Assert.That(
                manifests.Select(m => (string?)m["type"]),
                Is.EquivalentTo(["image", "image", "image", "index"])
            );
            Assert.That(
                manifests.Select(m => (string?)m["architecture"]),
                Is.EquivalentTo([null, "amd64", "amd64", "arm64"])
            );
            Assert.That(task["created_resources"]?.AsArray(), Has.Count.EqualTo(1));
        });
    }

    [Test]
    public async Task An_unchanged_tag_asks_for_no_manifest()
    {
        var (one, two) = (TestImage.New(), TestImage.New());
        Registry.With("app", "1", one).With("app", "2", two);
        var remote = await NewRemoteAsync("app");
        var (repository, name, _) = await SyncNewAsync(remote);
        Registry.Requests.Clear();

        Completed(await SyncAsync(repository, remote));
        var unchanged = Registry.Requests.Count(r => r.StartsWith("GET /v2/app/manifests", StringComparison.Ordinal));
        var version = await VersionOfAsync(repository);
        var three = TestImage.New();
        Registry.With("app", "2", three);
        Completed(await SyncAsync(repository, remote));

        var manifest = await GetAsync($"{name}/manifests/2");
        var old = await GetAsync($"{name}/manifests/{two.Digest}");
        Assert.Multiple(() =>
        {
            Assert.That(unchanged, Is.Zero);
            Assert.That(Registry.Count("HEAD /v2/app/manifests/1"), Is.EqualTo(2));
            Assert.That(version, Is.EqualTo(1));
            Assert.That(manifest.Body, Is.EqualTo(three.Manifest));
            Assert.That(old.Status, Is.EqualTo(200), "only a mirror takes away");
        });
    }

    [Test]
    public async Task A_mirror_takes_away_what_upstream_has_no_more()
    {
        var (one, two) = (TestImage.New(), TestImage.New());
        Registry.With("app", "1", one).With("app", "2", two);
        var remote = await NewRemoteAsync("app");
        var (repository, name, _) = await SyncNewAsync(remote);
        Registry.Untag("app", "2");

        Completed(await SyncAsync(repository, remote));
        var additive = await TagsAsync(name);
        Completed(await SyncAsync(repository, remote, new { mirror = true }));

        var mirrored = await TagsAsync(name);
        var gone = await GetAsync($"{name}/manifests/{two.Digest}");
        var layer = await GetAsync($"{name}/blobs/{TestImage.DigestOf(two.Layers[0])}");
        Assert.Multiple(() =>
        {
            Assert.That(additive, Is.EqualTo(["1", "2"]));
            Assert.That(mirrored, Is.EqualTo(["1"]));
            Assert.That(gone.Status, Is.EqualTo(404));
            Assert.That(layer.Status, Is.EqualTo(404));
        });
    }

    [Test]
    public async Task Tags_are_read_page_by_page_and_taken_by_patterns()
    {
        var kept = TestImage.New();
        foreach (var tag in new[] { "1.0", "1.1", "1.1-rc", "2.0", "latest" })
        {
            Registry.With("app", tag, TestImage.New());
        }

        Registry.With("app", null, kept);
        Registry.PageSize = 2;

        var (_, name, task) = await SyncNewAsync(
            await NewRemoteAsync(
                "app",
                new
                {
                    includes = new[] { "1.?*", kept.Digest, "gone" },
                    include_tags = new[] { "lat*" },
                    excludes = new[] { "*-rc" },
                }
            )
        );

        var byDigest = await GetAsync($"{name}/manifests/{kept.Digest}");
        var tags = await TagsAsync(name);
        Assert.Multiple(() =>
        {
            Assert.That(tags, Is.EqualTo(["1.0", "1.1", "latest"]));
            Assert.That(byDigest.Status, Is.EqualTo(200));
            Assert.That(Registry.Count("GET /v2/app/tags/list"), Is.EqualTo(3));
            Assert.That(Warnings(task, "container.tag_missing"), Has.Count.EqualTo(1).And.One.Contains("gone"));
        });
    }

    [Test]
    public async Task Signatures_and_what_else_refers_to_an_image_come_with_it()
    {
        var (image, other) = (TestImage.New(), TestImage.New());
        var sbom = TestImage.Referrer(image.Digest, "application/spdx+json");
        var signature = TestImage.Referrer(sbom.Digest, "application/vnd.dev.sigstore.bundle.v0.3+json");
        Registry
            .With("app", "1.0", image)
            .With("app", "2.0", other)
            .With("app", null, sbom)
            .With("app", null, signature);
        Registry.WithoutReferrers("app", signature.Digest).WithoutReferrers("app", other.Digest);
        var tag = image.Digest.Replace(':', '-') + ".sig";
        Registry
            .With("app", tag, TestImage.New())
            .With("app", other.Digest.Replace(':', '-') + ".sig", TestImage.New());

        var (_, name, _) = await SyncNewAsync(await NewRemoteAsync("app", new { includes = new[] { "1.*" } }));

        var tags = await TagsAsync(name);
        var referrers = (await GetAsync($"{name}/referrers/{image.Digest}")).Json["manifests"]?.AsArray();
        var ofSbom = (await GetAsync($"{name}/referrers/{sbom.Digest}")).Json["manifests"]?.AsArray();
        Assert.Multiple(() =>
        {
            Assert.That(tags, Is.EqualTo(["1.0", tag]));
            Assert.That((string?)referrers?.Single()?["digest"], Is.EqualTo(sbom.Digest));
            Assert.That((string?)ofSbom?.Single()?["digest"], Is.EqualTo(signature.Digest));
        });
    }

    [Test]
    public async Task Only_signed_images_are_taken_where_that_is_asked_for()
    {
        var (signed, bundled, unsigned) = (TestImage.New(), TestImage.New(), TestImage.New());
        Registry.With("app", "signed", signed).With("app", "bundled", bundled).With("app", "unsigned", unsigned);
        Registry.With("app", signed.Digest.Replace(':', '-') + ".sig", TestImage.New());
        Registry.With("app", null, TestImage.Referrer(bundled.Digest, "application/vnd.dev.sigstore.bundle.v0.3+json"));
        Registry.WithoutReferrers("app", unsigned.Digest);

        var (_, name, task) = await SyncNewAsync(await NewRemoteAsync("app"), new { signed_only = true });

        var tags = await TagsAsync(name);
        Assert.Multiple(() =>
        {
            Assert.That(tags, Is.EquivalentTo(["signed", "bundled", signed.Digest.Replace(':', '-') + ".sig"]));
            Assert.That(Warnings(task, "container.not_signed"), Has.Count.EqualTo(1));
        });
    }

    [Test]
    public async Task Any_artifact_is_taken()
    {
        var chart = TestImage.New(manifest =>
        {
            manifest["config"]!["mediaType"] = "application/vnd.cncf.helm.config.v1+json";
            manifest["layers"]![0]!["mediaType"] = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";
        });
        Registry.With("charts/app", "0.1.0", chart);

        var (repository, name, _) = await SyncNewAsync(await NewRemoteAsync("charts/app"));

        var layer = await GetAsync($"{name}/blobs/{TestImage.DigestOf(chart.Layers[0])}");
        var version = (string?)(await Api.GetAsync(repository)).Json?["latest_version_href"];
        var manifests = (await Api.GetAsync($"content/container/manifests/?repository_version={version}")).Results;
        Assert.Multiple(() =>
        {
            Assert.That(layer.Body, Is.EqualTo(chart.Layers[0]));
            Assert.That((string?)manifests.Single()["type"], Is.EqualTo("helm"));
        });
    }

    [Test]
    public async Task A_build_cache_comes_with_its_layers()
    {
        var cache = TestImage.BuildCache();
        Registry.With("cache", "latest", cache);

        var (_, name, _) = await SyncNewAsync(await NewRemoteAsync("cache"));
        var layer = await GetAsync($"{name}/blobs/{TestImage.DigestOf(cache.Layers[0])}");

        Assert.That(layer.Body, Is.EqualTo(cache.Layers[0]));
    }

    [Test]
    public async Task A_registry_that_says_no_digests_is_read_all_the_same()
    {
        var image = TestImage.New();
        Registry.SaysDigest = false;
        Registry.With("app", "1", image);

        var (_, name, _) = await SyncNewAsync(await NewRemoteAsync("app"));

        Assert.That((await GetAsync($"{name}/manifests/1")).Body, Is.EqualTo(image.Manifest));
    }
}
