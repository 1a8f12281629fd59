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
    public async Task Tags_are_found_by_the_digests_and_types_of_their_manifests()
    {
        var name = NewName();
        var (one, two, three) = (TestImage.New(), TestImage.New(), TestImage.New());
        await PushAsync(name, "1", one);
        await PushAsync(name, "2", two);
        await PushAsync(name, "3", three);

        var byDigests = await Api.GetAsync($"content/container/tags/?digest={one.Digest},{two.Digest}");
        var byType = await Api.GetAsync(
            $"content/container/tags/?digest={one.Digest}&media_type={Uri.EscapeDataString(TestImage.OciManifest)}"
        );
        var byOtherType = await Api.GetAsync($"content/container/tags/?digest={one.Digest}&media_type=other");
        var signatures = await Api.GetAsync($"content/container/signatures/?manifest={one.Digest}");

        Assert.Multiple(() =>
        {
            Assert.That(byDigests.Results.Select(t => (string?)t["name"]), Is.EquivalentTo(["1", "2"]));
            Assert.That(byType.Results, Has.Count.EqualTo(1));
            Assert.That(byOtherType.Results, Is.Empty);
            Assert.That(signatures.Results, Is.Empty);
        });
    }

    [Test]
    public async Task An_image_is_removed_from_a_push_repository_with_its_tags_and_layers()
    {
        var name = NewName();
        var (one, two) = (TestImage.New(), TestImage.New());
        await PushAsync(name, "1", one);
        await PushAsync(name, "also", one);
        await PushAsync(name, "2", two);
        var id = (await RepositoryAsync(name)).TrimEnd('/').Split('/')[^1];
        await Server.BecomePushRepositoryAsync(id);
        var repository = $"/pulp/api/v3/repositories/container/container-push/{id}/";

        await DoAsync(repository, "remove_image", new { digest = one.Digest });
        var again = await Api.PostAsync(repository + "remove_image/", new { digest = one.Digest });

        var tags = (await GetAsync($"{name}/tags/list")).Json["tags"]?.AsArray().Select(t => (string?)t);
        var layer = await GetAsync($"{name}/blobs/{TestImage.DigestOf(one.Layers[0])}");
        var other = await GetAsync($"{name}/blobs/{TestImage.DigestOf(two.Layers[0])}");
        Assert.Multiple(() =>
        {
            Assert.That(tags, Is.EqualTo(["2"]));
            Assert.That(layer.Status, Is.EqualTo(404));
            Assert.That(other.Status, Is.EqualTo(200));
            Assert.That(again.Code, Is.EqualTo(400));
        });
    }

    [Test]
    public async Task A_namespace_stays_while_images_are_in_it()
    {
        var space = PulpClient.Unique();
        await PushAsync($"{space}/app", "1", TestImage.New());
        var href = (string?)(await Api.GetAsync($"pulp_container/namespaces/?name={space}")).Results[0]["pulp_href"];

        var inUse = await Api.EndOfAsync((await Api.DeleteAsync(href ?? "")).Task);
        var distribution = await Api.GetAsync($"distributions/container/container/?name={space}/app");
        await Api.CompletedAsync(await Api.DeleteAsync((string?)distribution.Results[0]["pulp_href"] ?? ""));
        var empty = await Api.EndOfAsync((await Api.DeleteAsync(href ?? "")).Task);
        var gone = await Api.GetAsync(href ?? "");

        Assert.Multiple(() =>
        {
            Assert.That((string?)inUse["state"], Is.EqualTo("failed"));
            Assert.That((string?)inUse["error"]?["description"], Does.Contain("still used"));
            Assert.That((string?)empty["state"], Is.EqualTo("completed"), empty.ToJsonString());
            Assert.That(gone.Code, Is.EqualTo(404));
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
