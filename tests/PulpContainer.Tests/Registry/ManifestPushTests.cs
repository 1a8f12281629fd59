namespace PulpContainer.Tests.Registry;

/// <summary>OCI distribution specification 1.1, "Pushing Manifests", "Content Discovery" and "Content Management".</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class ManifestPushTests(Engine engine) : RegistryFixture(engine)
{
    [Test]
    public async Task A_push_is_a_version_with_everything_that_the_image_needs()
    {
        var name = NewName();
        var image = TestImage.New();
        await PushAsync(name, "1.0", image);

        var distribution = (await Api.GetAsync($"distributions/container/container/?base_path={name}")).Results[0];
        var repository = await Api.GetAsync((string?)distribution["repository"] ?? "");
        var version = await Api.GetAsync((string?)repository.Json?["latest_version_href"] ?? "");
        var manifest = (await Api.GetAsync($"content/container/manifests/?digest={image.Digest}")).Results[0];
        var space = await Api.GetAsync((string?)distribution["namespace"] ?? "");
        Assert.Multiple(() =>
        {
            Assert.That((long?)version.Json?["number"], Is.EqualTo(1));
            var present = version.Json?["content_summary"]?["present"];
            Assert.That((long?)present?["container.blob"]?["count"], Is.EqualTo(2));
            Assert.That((long?)present?["container.manifest"]?["count"], Is.EqualTo(1));
            Assert.That((long?)present?["container.tag"]?["count"], Is.EqualTo(1));
            Assert.That((string?)manifest["architecture"], Is.EqualTo("amd64"));
            Assert.That((string?)manifest["os"], Is.EqualTo("linux"));
            Assert.That((string?)manifest["type"], Is.EqualTo("image"));
            Assert.That((long?)manifest["compressed_image_size"], Is.EqualTo(2000));
            Assert.That((string?)manifest["labels"]?["made"], Is.Not.Empty);
            Assert.That(manifest["blobs"]?.AsArray().Count, Is.EqualTo(1));
            Assert.That((string?)manifest["config_blob"], Does.Contain("/blobs/"));
            Assert.That((string?)space.Json?["name"], Is.EqualTo("tests"));
            Assert.That((string?)distribution["registry_path"], Does.EndWith(name));
        });
    }

    [Test]
    public async Task A_manifest_is_answered_with_location_digest_and_subject()
    {
        var name = NewName();
        var image = TestImage.New();
        await PushAsync(name, "1.0", image);
        var referrer = TestImage.Referrer(image.Digest, "application/vnd.example.note");
        await PushBlobAsync(name, referrer.Config);

        var put = await PutManifestAsync(name, referrer.Digest, referrer.Manifest);

        Assert.Multiple(() =>
        {
            Assert.That(put.Status, Is.EqualTo(201), put.Text);
            Assert.That(put.Location, Is.EqualTo($"/v2/{name}/manifests/{referrer.Digest}"));
            Assert.That(put.Header("Docker-Content-Digest"), Is.EqualTo(referrer.Digest));
            Assert.That(put.Header("OCI-Subject"), Is.EqualTo(image.Digest));
        });
    }

    [Test]
    public async Task A_subject_may_come_later_than_its_referrer()
    {
        var name = NewName();
        var image = TestImage.New();
        var referrer = TestImage.Referrer(image.Digest, artifactType: null);
        await PushAsync(name, referrer.Digest, referrer);

        var listed = await GetAsync($"{name}/referrers/{image.Digest}");

        Assert.Multiple(() =>
        {
            Assert.That(listed.Status, Is.EqualTo(200));
            Assert.That((string?)listed.Json["manifests"]?[0]?["digest"], Is.EqualTo(referrer.Digest));
            Assert.That(
                (string?)listed.Json["manifests"]?[0]?["artifactType"],
                Is.EqualTo("application/vnd.example.config")
            );
        });
    }

    [Test]
    public async Task Several_tags_come_with_a_digest()
    {
        var name = NewName();
        var image = TestImage.New();
        foreach (var blob in image.Blobs)
        {
            await PushBlobAsync(name, blob);
        }

        var put = await PutManifestAsync(name, $"{image.Digest}?tag=1&tag=1.2&tag=latest", image.Manifest);

        await Assert.MultipleAsync(async () =>
        {
            Assert.That(put.Status, Is.EqualTo(201), put.Text);
            Assert.That(put.Header("OCI-Tag"), Is.EqualTo("1, 1.2, latest"));
            Assert.That((await GetAsync($"{name}/manifests/1.2")).Body, Is.EqualTo(image.Manifest));
        });
    }

    [Test]
    public async Task Manifests_that_are_none_are_refused()
    {
        var name = NewName();
        var image = TestImage.New();
        await PushAsync(name, "1.0", image);

        async Task<(int, string?)> Refused(string body, string reference = "x", string type = TestImage.OciManifest)
        {
            var put = await PutManifestAsync(name, reference, Encoding.UTF8.GetBytes(body), type);
            return (put.Status, put.Error);
        }

        var nested = new string('[', 100_000) + new string(']', 100_000);
        await Assert.MultipleAsync(async () =>
        {
            Assert.That(await Refused("{"), Is.EqualTo((400, "MANIFEST_INVALID")));
            Assert.That(await Refused("[]"), Is.EqualTo((400, "MANIFEST_INVALID")));
            Assert.That(await Refused("{\"schemaVersion\":1}"), Is.EqualTo((400, "MANIFEST_INVALID")));
            Assert.That(await Refused("{\"schemaVersion\":2}"), Is.EqualTo((400, "MANIFEST_INVALID")));
            Assert.That(await Refused("{\"schemaVersion\":\"2\"}"), Is.EqualTo((400, "MANIFEST_INVALID")));
            Assert.That(await Refused(nested), Is.EqualTo((400, "MANIFEST_INVALID")));
            Assert.That(
                await Refused("{\"schemaVersion\":2,\"config\":{\"digest\":\"sha256:1\",\"size\":1}}"),
                Is.EqualTo((400, "MANIFEST_INVALID"))
            );
            Assert.That(
                await Refused("{\"schemaVersion\":2,\"mediaType\":\"\\ud800\"}"),
                Is.EqualTo((400, "MANIFEST_INVALID"))
            );
            Assert.That(
                await Refused(Encoding.UTF8.GetString(image.Manifest), type: TestImage.OciIndex),
                Is.EqualTo((400, "MANIFEST_INVALID"))
            );
            Assert.That(
                await Refused(Encoding.UTF8.GetString(image.Manifest), TestImage.DigestOf([5])),
                Is.EqualTo((400, "DIGEST_INVALID"))
            );
            Assert.That(
                await Refused(Encoding.UTF8.GetString(image.Manifest), "-no-tag"),
                Is.EqualTo((400, "MANIFEST_INVALID"))
            );
            Assert.That(
                await Refused(Encoding.UTF8.GetString(TestImage.New().Manifest)),
                Is.EqualTo((404, "MANIFEST_BLOB_UNKNOWN"))
            );
        });
    }

    [Test]
    public async Task Manifests_of_four_megabytes_are_taken_and_larger_ones_refused()
    {
        var name = NewName();
        var image = TestImage.New(m => m["annotations"] = new JsonObject { ["long"] = new string('x', 4_000_000) });
        var larger = TestImage.New(m => m["annotations"] = new JsonObject { ["long"] = new string('x', 4_300_000) });

        await PushAsync(name, "1.0", image);
        var refused = await PutManifestAsync(name, "2.0", larger.Manifest);

        await Assert.MultipleAsync(async () =>
        {
            Assert.That((await GetAsync($"{name}/manifests/1.0")).Body, Is.EqualTo(image.Manifest));
            Assert.That((refused.Status, refused.Error), Is.EqualTo((413, "SIZE_INVALID")));
        });
    }

    [Test]
    public async Task Annotations_with_zero_characters_are_stored_all_the_same()
    {
        var name = NewName();
        var image = TestImage.New(m => m["annotations"] = new JsonObject { ["zero"] = "a\0b" });

        await PushAsync(name, "1.0", image);

        Assert.That((await GetAsync($"{name}/manifests/1.0")).Body, Is.EqualTo(image.Manifest));
    }

    [Test]
    public async Task Tags_are_listed_in_order_and_in_pages()
    {
        var name = NewName();
        var image = TestImage.New();
        await PushAsync(name, "b", image);
        foreach (var tag in new[] { "a", "C", "d", "1" })
        {
            await PutManifestAsync(name, tag, image.Manifest);
        }

        var all = await GetAsync($"{name}/tags/list");
        var page = await GetAsync($"{name}/tags/list?n=2");
        var next = await GetAsync($"{name}/tags/list?n=2&last=C");
        var rest = await GetAsync($"{name}/tags/list?last=b");
        var none = await GetAsync($"{name}/tags/list?n=0");
        var unknown = await GetAsync($"{NewName()}/tags/list");

        Assert.Multiple(() =>
        {
            Assert.That((string?)all.Json["name"], Is.EqualTo(name));
            Assert.That(Tags(all), Is.EqualTo(new[] { "1", "C", "a", "b", "d" }));
            Assert.That(all.Header("Link"), Is.Null);
            Assert.That(Tags(page), Is.EqualTo(new[] { "1", "C" }));
            Assert.That(page.Header("Link"), Is.EqualTo($"</v2/{name}/tags/list?n=2&last=C>; rel=\"next\""));
            Assert.That(Tags(next), Is.EqualTo(new[] { "a", "b" }));
            Assert.That(Tags(rest), Is.EqualTo(new[] { "d" }));
            Assert.That(Tags(none), Is.Empty);
            Assert.That(none.Header("Link"), Is.Null);
            Assert.That((unknown.Status, unknown.Error), Is.EqualTo((404, "NAME_UNKNOWN")));
        });
    }

    [Test]
    public async Task Referrers_are_listed_and_filtered()
    {
        var name = NewName();
        var image = TestImage.New();
        await PushAsync(name, "1.0", image);
        var one = TestImage.Referrer(image.Digest, "application/vnd.example.one", note: "first");
        var two = TestImage.Referrer(image.Digest, "application/vnd.example.two");
        await PushAsync(name, one.Digest, one);
        await PushAsync(name, "two", two);

        var all = await GetAsync($"{name}/referrers/{image.Digest}");
        var some = await GetAsync($"{name}/referrers/{image.Digest}?artifactType=application/vnd.example.one");
        var none = await GetAsync($"{name}/referrers/{TestImage.DigestOf([9])}");
        var wrong = await GetAsync($"{name}/referrers/nothing");

        Assert.Multiple(() =>
        {
            Assert.That((all.Status, all.Header("Content-Type")), Is.EqualTo((200, TestImage.OciIndex)));
            Assert.That(
                all.Json["manifests"]?.AsArray().Select(m => (string?)m?["digest"]),
                Is.EquivalentTo(new[] { one.Digest, two.Digest })
            );
            Assert.That(some.Header("OCI-Filters-Applied"), Is.EqualTo("artifactType"));
            var found = some.Json["manifests"]?[0];
            Assert.That(some.Json["manifests"]?.AsArray().Count, Is.EqualTo(1));
            Assert.That((string?)found?["digest"], Is.EqualTo(one.Digest));
            Assert.That((string?)found?["artifactType"], Is.EqualTo("application/vnd.example.one"));
            Assert.That((long?)found?["size"], Is.EqualTo(one.Manifest.Length));
            Assert.That((string?)found?["annotations"]?["note"], Is.EqualTo("first"));
            Assert.That(none.Status, Is.EqualTo(200));
            Assert.That(none.Json["manifests"]?.AsArray(), Is.Empty);
            Assert.That((wrong.Status, wrong.Error), Is.EqualTo((400, "DIGEST_INVALID")));
        });
    }

    [Test]
    public async Task Tags_manifests_and_blobs_are_deleted()
    {
        var name = NewName();
        var image = TestImage.New();
        await PushAsync(name, "1.0", image);
        await PutManifestAsync(name, "2.0", image.Manifest);
        var layer = TestImage.DigestOf(image.Layers[0]);

        var used = await SendAsync("DELETE", $"{name}/blobs/{layer}");
        var tag = await SendAsync("DELETE", $"{name}/manifests/1.0");
        var tagAgain = await SendAsync("DELETE", $"{name}/manifests/1.0");
        var byTag = await GetAsync($"{name}/manifests/1.0");
        var stays = await GetAsync($"{name}/manifests/{image.Digest}");
        var manifest = await SendAsync("DELETE", $"{name}/manifests/{image.Digest}");
        var gone = await GetAsync($"{name}/manifests/{image.Digest}");
        var other = await GetAsync($"{name}/manifests/2.0");
        var blob = await SendAsync("DELETE", $"{name}/blobs/{layer}");
        var blobGone = await GetAsync($"{name}/blobs/{layer}");

        Assert.Multiple(() =>
        {
            Assert.That((used.Status, used.Error), Is.EqualTo((405, "UNSUPPORTED")));
            Assert.That(tag.Status, Is.EqualTo(202));
            Assert.That(tagAgain.Status, Is.EqualTo(404));
            Assert.That(byTag.Status, Is.EqualTo(404));
            Assert.That(stays.Status, Is.EqualTo(200));
            Assert.That(manifest.Status, Is.EqualTo(202));
            Assert.That(gone.Status, Is.EqualTo(404));
            Assert.That(other.Status, Is.EqualTo(404));
            Assert.That(blob.Status, Is.EqualTo(202), blob.Text);
            Assert.That(blobGone.Status, Is.EqualTo(404));
        });
    }

    [Test]
    public async Task An_index_keeps_its_images_and_gives_them_back()
    {
        var name = NewName();
        var (one, two) = (TestImage.New(), TestImage.New(architecture: "arm64"));
        await PushAsync(name, one.Digest, one);
        await PushAsync(name, two.Digest, two);
        var index = TestImage.Index(one, two);
        var digest = TestImage.DigestOf(index);

        var missing = await PutManifestAsync(name, "no", TestImage.Index(TestImage.New()), TestImage.OciIndex);
        var put = await PutManifestAsync(name, "all", index, TestImage.OciIndex);
        var listed = await SendAsync("DELETE", $"{name}/manifests/{one.Digest}");
        var removed = await SendAsync("DELETE", $"{name}/manifests/{digest}");
        var then = await SendAsync("DELETE", $"{name}/manifests/{one.Digest}");

        Assert.Multiple(() =>
        {
            Assert.That((missing.Status, missing.Error), Is.EqualTo((404, "MANIFEST_BLOB_UNKNOWN")));
            Assert.That(put.Status, Is.EqualTo(201), put.Text);
            Assert.That(listed.Status, Is.EqualTo(405));
            Assert.That(removed.Status, Is.EqualTo(202));
            Assert.That(then.Status, Is.EqualTo(202));
        });
    }

    [Test]
    public async Task A_build_cache_is_an_index_of_blobs_which_it_keeps()
    {
        var name = NewName();
        var cache = TestImage.BuildCache();
        var layer = TestImage.DigestOf(cache.Layers[0]);

        var missing = await PutManifestAsync(name, "cache", cache.Manifest, TestImage.OciIndex);
        await PushAsync(name, "cache", cache);
        var kept = await SendAsync("DELETE", $"{name}/blobs/{layer}");
        var got = await GetAsync($"{name}/manifests/cache", r => r.Headers.Add("Accept", TestImage.OciIndex));

        Assert.Multiple(() =>
        {
            Assert.That((missing.Status, missing.Error), Is.EqualTo((404, "MANIFEST_BLOB_UNKNOWN")));
            Assert.That(kept.Status, Is.EqualTo(405), kept.Text);
            Assert.That(got.Body, Is.EqualTo(cache.Manifest));
        });
    }

    [Test]
    public async Task Pushes_at_the_same_time_do_not_lose_each_other()
    {
        var name = NewName();
        var images = Enumerable.Range(0, 12).Select(i => (Tag: $"t{i}", Image: TestImage.New())).ToList();

        await Task.WhenAll(images.Select(i => PushAsync(name, i.Tag, i.Image)));

        var tags = await GetAsync($"{name}/tags/list");
        Assert.That(Tags(tags), Is.EquivalentTo(images.Select(i => i.Tag)));
    }

    private static IEnumerable<string?> Tags(Reply reply) =>
        reply.Json["tags"]?.AsArray().Select(t => (string?)t) ?? [];
}
