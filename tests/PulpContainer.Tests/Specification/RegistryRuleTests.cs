namespace PulpContainer.Tests.Specification;

/// <summary>What registries have to, by section, where it isn't part of an image's life.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class RegistryRuleTests(Engine engine) : RegistryFixture(engine)
{
    [Test]
    public async Task Determining_support_is_200() => Assert.That((await GetAsync("/v2/")).Status, Is.EqualTo(200));

    [Test]
    public async Task Listing_referrers_of_a_repository_that_is_not_there_is_an_empty_index()
    {
        var name = NewName();

        var unknown = await GetAsync($"{name}/referrers/{TestImage.DigestOf([1])}");
        var nobodys = await GetAsync($"{name}/referrers/{TestImage.DigestOf([1])}", AsNobody);
        var tags = await GetAsync($"{name}/tags/list");
        await PushBlobAsync(name, [1]);
        var empty = await GetAsync($"{name}/referrers/{TestImage.DigestOf([1])}");
        var invalid = await GetAsync($"{name}/referrers/sha256:short");

        Assert.Multiple(() =>
        {
            foreach (var answer in new[] { unknown, nobodys, empty })
            {
                Assert.That(answer.Status, Is.EqualTo(200), "\"MUST NOT return a 404\"");
                Assert.That(answer.Content.ContentType?.MediaType, Is.EqualTo(TestImage.OciIndex));
                Assert.That((int?)answer.Json["schemaVersion"], Is.EqualTo(2));
                Assert.That(answer.Json["manifests"]?.AsArray(), Is.Empty);
            }

            Assert.That(tags.Error, Is.EqualTo("NAME_UNKNOWN"));
            Assert.That(invalid.Status, Is.EqualTo(400));
        });
    }

    [Test]
    public async Task Pulling_manifests_that_are_not_there_is_404()
    {
        var name = NewName();
        await PushBlobAsync(name, [1]);

        var byTag = await GetAsync($"{name}/manifests/missing");
        var byDigest = await GetAsync($"{name}/manifests/{TestImage.DigestOf([2])}");
        var malformed = await GetAsync($"{name}/manifests/sha256:baddigeststring");

        Assert.Multiple(() =>
        {
            Assert.That((byTag.Status, byTag.Error), Is.EqualTo((404, "MANIFEST_UNKNOWN")));
            Assert.That((byDigest.Status, byDigest.Error), Is.EqualTo((404, "MANIFEST_UNKNOWN")));
            Assert.That(malformed.Status, Is.AnyOf(400, 404));
        });
    }

    [Test]
    public async Task Pushing_manifests_refuses_what_is_not_a_reference_or_lacks_blobs()
    {
        var (name, image) = (NewName(), TestImage.New());
        await PushBlobAsync(name, image.Config);

        var malformed = await PutManifestAsync(name, "sha256:baddigeststring", image.Manifest);
        var missing = await PutManifestAsync(name, "1", image.Manifest);
        await PushBlobAsync(name, image.Layers[0]);
        var other = await PutManifestAsync(name, TestImage.DigestOf([1]), image.Manifest);

        Assert.Multiple(() =>
        {
            Assert.That(malformed.Status, Is.EqualTo(400));
            Assert.That(missing.Error, Is.EqualTo("MANIFEST_BLOB_UNKNOWN"));
            Assert.That((other.Status, other.Error), Is.EqualTo((400, "DIGEST_INVALID")));
        });
    }

    [TestCase(127, true)]
    [TestCase(128, true)]
    [TestCase(129, false)]
    public async Task Tags_have_at_most_128_characters(int length, bool isTaken)
    {
        var (name, image) = (NewName(), TestImage.New());
        await PushAsync(name, "1", image);

        var put = await PutManifestAsync(name, new string('t', length), image.Manifest);

        Assert.That(put.Status, Is.EqualTo(isTaken ? 201 : 400));
    }

    [Test]
    public async Task Listing_tags_has_pages_of_n_and_none_for_zero()
    {
        var (name, image) = (NewName(), TestImage.New());
        foreach (var tag in new[] { "b", "a", "C", "1" })
        {
            await PushAsync(name, tag, image);
        }

        var all = await GetAsync($"{name}/tags/list");
        var two = await GetAsync($"{name}/tags/list?n=2");
        var rest = await GetAsync(two.Header("Link")?.Split('<', '>')[1] ?? "");
        var none = await GetAsync($"{name}/tags/list?n=0");

        Assert.Multiple(() =>
        {
            Assert.That(TagsOf(all), Is.EqualTo(["1", "C", "a", "b"]));
            Assert.That((string?)all.Json["name"], Is.EqualTo(name));
            Assert.That(TagsOf(two), Is.EqualTo(["1", "C"]));
            Assert.That(two.Header("Link"), Does.EndWith("rel=\"next\""));
            Assert.That(TagsOf(rest), Is.EqualTo(["a", "b"]));
            Assert.That(rest.Header("Link"), Is.Null);
            Assert.That(TagsOf(none), Is.Empty);
            Assert.That(none.Header("Link"), Is.Null);
        });
    }

    [Test]
    public async Task Deleting_what_is_not_there_is_404()
    {
        var name = NewName();
        await PushBlobAsync(name, [1]);

        var blob = await SendAsync("DELETE", $"{name}/blobs/{TestImage.DigestOf([2])}");
        var manifest = await SendAsync("DELETE", $"{name}/manifests/{TestImage.DigestOf([2])}");
        var repository = await SendAsync("DELETE", $"{NewName()}/manifests/{TestImage.DigestOf([2])}");

        Assert.That((blob.Status, manifest.Status, repository.Status), Is.EqualTo((404, 404, 404)));
    }

    [Test]
    public async Task Pushing_a_blob_in_chunks_can_be_cancelled()
    {
        var name = NewName();
        var at = (await SendAsync("POST", $"{name}/blobs/uploads/")).Location ?? "";

        var cancelled = await SendAsync("DELETE", at);
        var status = await GetAsync(at);
        var more = await SendAsync("PATCH", at, [1]);

        Assert.Multiple(() =>
        {
            Assert.That(cancelled.Status, Is.EqualTo(204));
            Assert.That((status.Status, status.Error), Is.EqualTo((404, "BLOB_UPLOAD_UNKNOWN")));
            Assert.That(more.Status, Is.EqualTo(404));
        });
    }

    private static IEnumerable<string?> TagsOf(Reply answer) =>
        answer.Json["tags"]?.AsArray().Select(t => (string?)t) ?? [];
}
