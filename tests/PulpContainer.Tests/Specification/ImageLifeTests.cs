namespace PulpContainer.Tests.Specification;

/// <summary>
/// What the specification's conformance suite asks with each kind of data: it is pushed, listed, pulled and taken away again. The
/// sections are those of the OCI distribution specification 1.1.
/// </summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class ImageLifeTests(Engine engine) : RegistryFixture(engine)
{
    [TestCaseSource(typeof(SpecData), nameof(SpecData.Kinds))]
    public async Task An_image_is_pushed_listed_pulled_and_deleted(string kind)
    {
        var (name, data) = (NewName(), SpecData.Of(kind));

        await PushAsync(name, data);
        await AssertListedAsync(name, data);
        await AssertPulledAsync(name, data);
        await AssertReferrersAsync(name, data);
        await AssertDeletedAsync(name, data);
    }

    [TestCase("sha256")]
    [TestCase("sha512")]
    public async Task Several_tags_come_with_a_digest(string algorithm)
    {
        // "Pushing Manifests with Tags"
        var (name, data) = (NewName(), SpecData.Of(algorithm == "sha512" ? "sha512" : "image"));
        await PushBlobsAsync(name, data);
        var (digest, body, type) = data.Manifests[0];

        var put = await PutManifestAsync(name, $"{digest}?tag=one&tag=two", body, type);

        var tags = (await GetAsync($"{name}/tags/list")).Json["tags"]?.AsArray().Select(t => (string?)t);
        Assert.Multiple(() =>
        {
            Assert.That(put.Status, Is.EqualTo(201), put.Text);
            Assert.That(put.Header("OCI-Tag")?.Split(", "), Is.EquivalentTo(["one", "two"]));
            Assert.That(tags, Is.EqualTo(["one", "two"]));
        });
    }

    /// <summary>"Pushing blobs" and "Pushing Manifests".</summary>
    private async Task PushAsync(string name, SpecData data)
    {
        await PushBlobsAsync(name, data);
        foreach (var (digest, body, type) in data.Manifests)
        {
            var put = await PutManifestAsync(name, digest, body, type);
            var back = await GetAsync(put.Location ?? "", r => Accept(r, type));
            Assert.Multiple(() =>
            {
                Assert.That(put.Status, Is.EqualTo(201), put.Text);
                Assert.That(put.Header("Docker-Content-Digest"), Is.EqualTo(digest));
                Assert.That(put.Header("OCI-Subject"), Is.EqualTo(SubjectOf(body)));
                Assert.That(back.Body, Is.EqualTo(body), "to the exact byte");
            });
        }

        foreach (var (tag, digest) in data.Tags)
        {
            var (_, body, type) = data.Manifests.Find(m => m.Digest == digest);
            Assert.That((await PutManifestAsync(name, tag, body, type)).Status, Is.EqualTo(201));
        }
    }

    private async Task PushBlobsAsync(string name, SpecData data)
    {
        foreach (var (digest, bytes) in data.Blobs)
        {
            var begun = await SendAsync("POST", $"{name}/blobs/uploads/");
            var put = await SendAsync("PUT", $"{begun.Location}?digest={digest}", bytes);
            Assert.That(put.Status, Is.EqualTo(201), put.Text);
        }
    }

    /// <summary>"Listing Tags", with <c>last</c>.</summary>
    private async Task AssertListedAsync(string name, SpecData data)
    {
        var tags = await TagsAsync("");
        Assert.That(tags, Is.SupersetOf(data.Tags.Keys).And.Ordered.Using((IComparer<string>)StringComparer.Ordinal));
        foreach (var last in tags)
        {
            Assert.That(await TagsAsync($"?last={last}"), Is.EqualTo(tags.SkipWhile(t => t != last).Skip(1)));
        }

        async Task<IReadOnlyList<string>> TagsAsync(string query) =>
            [
                .. (await GetAsync($"{name}/tags/list{query}")).Json["tags"]?.AsArray().Select(t => (string?)t ?? "")
                    ?? [],
            ];
    }

    /// <summary>"Pulling manifests", "Pulling blobs" and "Checking if content exists in the registry".</summary>
    private async Task AssertPulledAsync(string name, SpecData data)
    {
        var all = data
            .Manifests.Select(m => ($"manifests/{m.Digest}", m.Digest, m.Body))
            .Concat(data.Tags.Select(t => ($"manifests/{t.Key}", t.Value, Body: BodyOf(data, t.Value))))
            .Concat(data.Blobs.Select(b => ($"blobs/{b.Key}", b.Key, b.Value)));
        foreach (var (path, digest, body) in all)
        {
            var head = await SendAsync("HEAD", $"{name}/{path}");
            var get = await GetAsync($"{name}/{path}");
            Assert.Multiple(() =>
            {
                Assert.That((head.Status, get.Status), Is.EqualTo((200, 200)));
                Assert.That(get.Body, Is.EqualTo(body));
                Assert.That(head.Content.ContentLength, Is.EqualTo(body.Length));
                Assert.That(head.Header("Docker-Content-Digest"), Is.EqualTo(digest));
                Assert.That(get.Header("Docker-Content-Digest"), Is.EqualTo(digest));
            });
        }
    }

    /// <summary>"Listing Referrers".</summary>
    private async Task AssertReferrersAsync(string name, SpecData data)
    {
        foreach (var referring in data.Manifests.GroupBy(m => SubjectOf(m.Body)).Where(g => g.Key is not null))
        {
            var answer = await GetAsync($"{name}/referrers/{referring.Key}");
            var listed = answer.Json["manifests"]?.AsArray() ?? [];
            Assert.Multiple(() =>
            {
                Assert.That(answer.Content.ContentType?.MediaType, Is.EqualTo(TestImage.OciIndex));
                Assert.That(
                    listed.Select(d => (string?)d?["digest"]),
                    Is.EquivalentTo(referring.Select(r => r.Digest))
                );
                foreach (var (digest, body, _) in referring)
                {
                    var (own, descriptor) = (JsonNode.Parse(body), listed.Single(d => (string?)d?["digest"] == digest));
                    Assert.That(
                        (string?)descriptor?["artifactType"],
                        Is.EqualTo((string?)own?["artifactType"] ?? (string?)own?["config"]?["mediaType"])
                    );
                    Assert.That(
                        descriptor?["annotations"]?.ToJsonString(),
                        Is.EqualTo(own?["annotations"]?.ToJsonString())
                    );
                    Assert.That((int?)descriptor?["size"], Is.EqualTo(body.Length));
                }
            });
        }
    }

    /// <summary>"Deleting tags", "Deleting Manifests" and "Deleting Blobs": the last comes first, and is gone at once.</summary>
    private async Task AssertDeletedAsync(string name, SpecData data)
    {
        var paths = data
            .Tags.Keys.Select(t => $"manifests/{t}")
            .Concat(data.Manifests.AsEnumerable().Reverse().Select(m => $"manifests/{m.Digest}"))
            .Concat(data.Blobs.Keys.Select(b => $"blobs/{b}"));
        foreach (var path in paths)
        {
            var deleted = await SendAsync("DELETE", $"{name}/{path}");
            var after = await SendAsync("HEAD", $"{name}/{path}");
            Assert.That((deleted.Status, after.Status), Is.EqualTo((202, 404)), $"{path}: {deleted.Text}");
        }
    }

    private static byte[] BodyOf(SpecData data, string digest) => data.Manifests.Find(m => m.Digest == digest).Body;

    private static string? SubjectOf(byte[] manifest) => (string?)JsonNode.Parse(manifest)?["subject"]?["digest"];
}
