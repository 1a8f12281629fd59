namespace PulpContainer.Tests.Registry;

/// <summary>OCI distribution specification 1.1, "Pull".</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class PullTests(Engine engine) : RegistryFixture(engine)
{
    [Test]
    public async Task Pulling_manifests_gives_the_pushed_bytes_with_digest_and_type()
    {
        var name = NewName();
        var image = TestImage.New();
        await PushAsync(name, "1.0", image);

        foreach (var reference in new[] { "1.0", image.Digest })
        {
            var got = await GetAsync($"{name}/manifests/{reference}");
            var head = await SendAsync("HEAD", $"{name}/manifests/{reference}");
            Assert.Multiple(() =>
            {
                Assert.That(got.Status, Is.EqualTo(200), got.Text);
                Assert.That(got.Body, Is.EqualTo(image.Manifest));
                Assert.That(got.Header("Docker-Content-Digest"), Is.EqualTo(image.Digest));
                Assert.That(got.Header("Content-Type"), Is.EqualTo(image.MediaType));
                Assert.That(got.Header("Docker-Distribution-Api-Version"), Is.EqualTo("registry/2.0"));
                Assert.That(head.Status, Is.EqualTo(200));
                Assert.That(head.Body, Is.Empty);
                Assert.That(head.Content.ContentLength, Is.EqualTo(image.Manifest.Length));
                Assert.That(head.Header("Docker-Content-Digest"), Is.EqualTo(image.Digest));
            });
        }
    }

    [Test]
    public async Task Pulling_manifests_that_are_not_there_is_404()
    {
        var name = NewName();
        await PushAsync(name, "1.0", TestImage.New());

        var tag = await GetAsync($"{name}/manifests/2.0");
        var digest = await GetAsync($"{name}/manifests/{TestImage.DigestOf([1])}");
        var repository = await GetAsync($"{NewName()}/manifests/1.0");

        Assert.Multiple(() =>
        {
            Assert.That((tag.Status, tag.Error), Is.EqualTo((404, "MANIFEST_UNKNOWN")));
            Assert.That((digest.Status, digest.Error), Is.EqualTo((404, "MANIFEST_UNKNOWN")));
            Assert.That((repository.Status, repository.Error), Is.EqualTo((404, "NAME_UNKNOWN")));
            Assert.That(repository.Header("Docker-Distribution-Api-Version"), Is.EqualTo("registry/2.0"));
        });
    }

    [Test]
    public async Task Pulling_blobs_gives_bytes_with_digest_and_length_and_takes_ranges()
    {
        var name = NewName();
        var image = TestImage.New();
        await PushAsync(name, "1.0", image);
        var layer = image.Layers[0];
        var path = $"{name}/blobs/{TestImage.DigestOf(layer)}";

        var got = await GetAsync(path);
        var head = await SendAsync("HEAD", path);
        var part = await GetAsync(path, request => request.Headers.Range = new(100, 199));
        var missing = await GetAsync($"{name}/blobs/{TestImage.DigestOf([2])}");
        var wrong = await GetAsync($"{name}/blobs/sha256:1234");

        Assert.Multiple(() =>
        {
            Assert.That(got.Status, Is.EqualTo(200), got.Text);
            Assert.That(got.Body, Is.EqualTo(layer));
            Assert.That(got.Header("Docker-Content-Digest"), Is.EqualTo(TestImage.DigestOf(layer)));
            Assert.That(head.Status, Is.EqualTo(200));
            Assert.That(head.Content.ContentLength, Is.EqualTo(layer.Length));
            Assert.That(part.Status, Is.EqualTo(206));
            Assert.That(part.Body, Is.EqualTo(layer[100..200]));
            Assert.That((missing.Status, missing.Error), Is.EqualTo((404, "BLOB_UNKNOWN")));
            Assert.That((wrong.Status, wrong.Error), Is.EqualTo((400, "DIGEST_INVALID")));
        });
    }

    [Test]
    public async Task A_repository_does_not_give_what_another_has()
    {
        var (name, other) = (NewName(), NewName());
        var image = TestImage.New();
        await PushAsync(name, "1.0", image);
        await PushAsync(other, "1.0", TestImage.New());

        var blob = await GetAsync($"{other}/blobs/{TestImage.DigestOf(image.Layers[0])}");
        var manifest = await GetAsync($"{other}/manifests/{image.Digest}");
        var stolen = await PutManifestAsync(other, "2.0", image.Manifest);

        Assert.Multiple(() =>
        {
            Assert.That(blob.Status, Is.EqualTo(404));
            Assert.That(manifest.Status, Is.EqualTo(404));
            Assert.That((stolen.Status, stolen.Error), Is.EqualTo((404, "MANIFEST_BLOB_UNKNOWN")));
        });
    }

    [Test]
    public async Task Manifests_are_given_to_clients_that_take_them()
    {
        var name = NewName();
        var image = TestImage.New();
        await PushAsync(name, "1.0", image);
        await PutManifestAsync(name, "index", TestImage.Index(image), TestImage.OciIndex);

        async Task<(int, string?)> As(string reference, params string[] types)
        {
            var got = await GetAsync($"{name}/manifests/{reference}", request => Accept(request, types));
            return (got.Status, got.Status == 200 ? got.Header("Content-Type") : got.Error);
        }

        const string Docker = "application/vnd.docker.distribution.manifest.v2+json";
        await Assert.MultipleAsync(async () =>
        {
            Assert.That(await As("1.0", "*/*"), Is.EqualTo((200, TestImage.OciManifest)));
            Assert.That(await As("1.0", Docker, TestImage.OciManifest), Is.EqualTo((200, TestImage.OciManifest)));
            Assert.That(
                await As("1.0", $"{Docker};q=0.5, {TestImage.OciManifest};q=0.1"),
                Is.EqualTo((200, TestImage.OciManifest))
            );
            Assert.That(await As("1.0", Docker), Is.EqualTo((404, "MANIFEST_UNKNOWN")));
            Assert.That(await As("index", TestImage.OciIndex), Is.EqualTo((200, TestImage.OciIndex)));
            Assert.That(await As("index", TestImage.OciManifest), Is.EqualTo((200, TestImage.OciManifest)));
        });
    }
}
