using PulpContainer.Tests.Clients;

namespace PulpContainer.Tests.Sync;

/// <summary>Real registries as the upstream: Docker's, and another Pulp of ours.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class SyncFromRegistriesTests(Engine engine) : SyncFixture(engine)
{
    [TestCase("on_demand")]
    [TestCase("immediate")]
    public async Task What_dockers_registry_has_is_mirrored_and_stays_when_that_is_gone(string policy)
    {
        using var registry = await DockerRegistry.StartAsync();
        var (one, two) = (TestImage.New(), TestImage.New(architecture: "arm64"));
        var index = TestImage.Index(one, two);
        await registry.PushAsync("team/app", one.Digest, one);
        await registry.PushAsync("team/app", two.Digest, two);
        await registry.PushAsync("team/app", "latest", index, TestImage.OciIndex);
        foreach (var i in Enumerable.Range(0, 5))
        {
            await registry.PushAsync("team/app", $"1.{i}", i % 2 == 0 ? one : two);
        }

        var remote = await NewRemoteAsync("team/app", new { url = registry.Url, policy });
        var (repository, name, _) = await SyncNewAsync(remote, new { mirror = true });
        var again = await SyncAsync(repository, remote, new { mirror = true });
        var layer = await GetAsync($"{name}/blobs/{TestImage.DigestOf(one.Layers[0])}");
        registry.Kill();
        var dead = await SyncAsync(repository, remote, new { mirror = true });

        var latest = await GetAsync($"{name}/manifests/latest");
        var kept = await GetAsync($"{name}/blobs/{TestImage.DigestOf(one.Layers[0])}");
        var unfetched = await GetAsync($"{name}/blobs/{TestImage.DigestOf(two.Layers[0])}");
        var tags = await TagsAsync(name);
        Assert.Multiple(() =>
        {
            Assert.That(tags, Is.EqualTo(["1.0", "1.1", "1.2", "1.3", "1.4", "latest"]));
            Assert.That(again["created_resources"]?.AsArray(), Is.Empty);
            Assert.That((string?)dead["state"], Is.EqualTo("failed"));
            Assert.That(latest.Body, Is.EqualTo(index));
            Assert.That(layer.Body, Is.EqualTo(one.Layers[0]));
            Assert.That(kept.Body, Is.EqualTo(one.Layers[0]));
            Assert.That(unfetched.Status, Is.EqualTo(policy == "immediate" ? 200 : 502), unfetched.Text);
        });
    }

    [Test]
    public async Task A_private_image_of_another_Pulp_is_had_by_its_tokens()
    {
        await using var other = await TestServer.StartAsync(Engine.Sqlite);
        var image = TestImage.New();
        await PushToAsync(other, "admin/app", "1.0", image);
        var list = await other.Api.GetAsync("distributions/container/container/?name=admin/app");
        await other.Api.CompletedAsync(
            await other.Api.PatchAsync(
                list.Results[0].AsObject()["pulp_href"]!.ToString(),
                new Dictionary<string, object> { ["private"] = true }
            )
        );
        var credentials = new
        {
            url = other.Url,
            username = "admin",
            password = TestServer.Password,
        };
        var (repository, _) = await NewRepositoryAsync();

        var refused = await SyncAsync(repository, await NewRemoteAsync("admin/app", new { url = other.Url }));
        var (_, name, _) = await SyncNewAsync(await NewRemoteAsync("admin/app", credentials));

        var manifest = await GetAsync($"{name}/manifests/1.0");
        var layer = await GetAsync($"{name}/blobs/{TestImage.DigestOf(image.Layers[0])}");
        Assert.Multiple(() =>
        {
            Assert.That(ErrorOf(refused), Does.Contain("401"));
            Assert.That(manifest.Body, Is.EqualTo(image.Manifest));
            Assert.That(layer.Body, Is.EqualTo(image.Layers[0]));
        });
    }

    private static async Task PushToAsync(TestServer server, string name, string tag, TestImage image)
    {
        foreach (var blob in image.Blobs)
        {
            using var put = await server.Api.Http.PostAsync(
                $"/v2/{name}/blobs/uploads/?digest={TestImage.DigestOf(blob)}",
                new ByteArrayContent(blob)
            );
            Assert.That((int)put.StatusCode, Is.EqualTo(201));
        }

        var content = new ByteArrayContent(image.Manifest);
        content.Headers.ContentType = new(image.MediaType);
        using var answer = await server.Api.Http.PutAsync($"/v2/{name}/manifests/{tag}", content);
        Assert.That((int)answer.StatusCode, Is.EqualTo(201));
    }
}
