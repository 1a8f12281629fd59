namespace PulpContainer.Tests.Repositories;

/// <summary>Tagging, copying and removing through the API.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class ContentActionTests(Engine engine) : RegistryFixture(engine)
{
    [Test]
    public async Task Tags_are_set_moved_and_taken_away()
    {
        var name = NewName();
        var (one, two) = (TestImage.New(), TestImage.New());
        await PushAsync(name, "1", one);
        await PushAsync(name, "2", two);
        var repository = await RepositoryAsync(name);

        await DoAsync(repository, "tag", new { tag = "latest", digest = one.Digest });
        var first = await GetAsync($"{name}/manifests/latest");
        await DoAsync(repository, "tag", new { tag = "latest", digest = two.Digest });
        var second = await GetAsync($"{name}/manifests/latest");
        await DoAsync(repository, "untag", new { tag = "latest" });
        var gone = await GetAsync($"{name}/manifests/latest");
        var unknownTag = await Api.PostAsync(repository + "untag/", new { tag = "latest" });
        var unknownDigest = await Api.PostAsync(
            repository + "tag/",
            new { tag = "x", digest = TestImage.DigestOf([1]) }
        );
        var wrong = await Api.PostAsync(repository + "tag/", new { tag = "-", digest = one.Digest });

        Assert.Multiple(() =>
        {
            Assert.That(first.Body, Is.EqualTo(one.Manifest));
            Assert.That(second.Body, Is.EqualTo(two.Manifest));
            Assert.That(gone.Status, Is.EqualTo(404));
            Assert.That(unknownTag.Code, Is.EqualTo(400));
            Assert.That(unknownDigest.Code, Is.EqualTo(400));
            Assert.That(wrong.Code, Is.EqualTo(400));
        });
    }

    [Test]
    public async Task Images_are_promoted_by_tag_and_by_digest()
    {
        var (name, target) = (NewName(), NewName());
        var (one, two) = (TestImage.New(), TestImage.New());
        await PushAsync(name, "1", one);
        await PushAsync(name, "2", two);
        await PushBlobAsync(target, [1]);
        var (source, repository) = (await RepositoryAsync(name), await RepositoryAsync(target));

        await DoAsync(repository, "copy_tags", new { source_repository = source, names = new[] { "1" } });
        await DoAsync(
            repository,
            "copy_manifests",
            new { source_repository_version = $"{source}versions/2/", digests = new[] { two.Digest } }
        );
        var byTag = await GetAsync($"{target}/manifests/1");
        var layer = await GetAsync($"{target}/blobs/{TestImage.DigestOf(one.Layers[0])}");
        var untagged = await GetAsync($"{target}/manifests/2");
        var byDigest = await GetAsync($"{target}/manifests/{two.Digest}");
        var none = await Api.PostAsync(repository + "copy_tags/", new { });
        var type = await Api.PostAsync(
            repository + "copy_manifests/",
            new { source_repository = source, media_types = new[] { "text/plain" } }
        );

        Assert.Multiple(() =>
        {
            Assert.That(byTag.Body, Is.EqualTo(one.Manifest));
            Assert.That(layer.Status, Is.EqualTo(200));
            Assert.That(untagged.Status, Is.EqualTo(404));
            Assert.That(byDigest.Body, Is.EqualTo(two.Manifest));
            Assert.That(none.Code, Is.EqualTo(400));
            Assert.That(type.Code, Is.EqualTo(400));
        });
    }

    [Test]
    public async Task Units_are_added_and_removed_with_what_they_need()
    {
        var (name, target) = (NewName(), NewName());
        var image = TestImage.New();
        await PushAsync(name, "1", image);
        await PushBlobAsync(target, [1]);
        var repository = await RepositoryAsync(target);
        var manifest = (await Api.GetAsync($"content/container/manifests/?digest={image.Digest}")).Results[0];
        var units = new[] { (string?)manifest["pulp_href"] };

        await DoAsync(repository, "add", new { content_units = units });
        var added = await GetAsync($"{target}/blobs/{TestImage.DigestOf(image.Layers[0])}");
        await DoAsync(repository, "remove", new { content_units = units });
        var removed = await GetAsync($"{target}/blobs/{TestImage.DigestOf(image.Layers[0])}");
        var stays = await GetAsync($"{name}/blobs/{TestImage.DigestOf(image.Layers[0])}");

        Assert.Multiple(() =>
        {
            Assert.That(added.Status, Is.EqualTo(200));
            Assert.That(removed.Status, Is.EqualTo(404));
            Assert.That(stays.Status, Is.EqualTo(200));
        });
    }

    private async Task<string> RepositoryAsync(string name) =>
        (string?)(await Api.GetAsync($"distributions/container/container/?base_path={name}")).Results[0]["repository"]
        ?? "";

    private async Task DoAsync(string repository, string verb, object body)
    {
        var task = await Api.CompletedAsync(await Api.PostAsync($"{repository}{verb}/", body));
        Assert.That((string?)task["created_resources"]?[0], Does.StartWith(repository + "versions/"));
    }
}
