namespace PulpPython.Tests.Sync;

/// <summary>Another Pulp as the upstream: this one's own indexes.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class SyncFromPulpTests(Engine engine) : PythonFixture(engine)
{
    [TestCase("on_demand")]
    [TestCase("immediate")]
    public async Task What_one_index_has_another_gets(string policy)
    {
        var (one, two) = (PulpClient.Unique(), PulpClient.Unique());
        var (wheel, yanked, source) = (
            TestPackage.Wheel(one, "1.0", "Requires-Dist: other"),
            TestPackage.Wheel(one, "2.0"),
            TestPackage.Source(two, "1.0")
        );
        var (origin, path) = await NewIndexAsync();
        await AddAsync(origin, wheel, yanked, source);
        await Api.CompletedAsync(
            await Api.PostAsync(
                $"{origin}yank/",
                new
                {
                    name = one,
                    version = "2.0",
                    reason = "broken",
                }
            )
        );
        var (copy, copied) = await NewIndexAsync();
        var remote = await NewRemoteAsync(path, policy);

        var first = await SyncAsync(copy, remote);
        var versions = await VersionsAsync(copy);
        await AddAsync(origin, TestPackage.Wheel(two, "2.0"));
        var second = await SyncAsync(copy, remote);
        var third = await SyncAsync(copy, remote);

        var page = await JsonPageAsync($"{copied}/simple/{one}/");
        var files = page["files"]?.AsArray().ToDictionary(f => (string?)f?["filename"] ?? "") ?? [];
        var bytes = await Api.Http.GetByteArrayAsync($"/pulp/content/{copied}/{wheel.Filename}");
        var metadata = await Api.Http.GetByteArrayAsync($"/pulp/content/{copied}/{wheel.Filename}.metadata");
        Assert.Multiple(() =>
        {
            Assert.That((string?)first["state"], Is.EqualTo("completed"), first.ToJsonString());
            Assert.That((string?)second["state"], Is.EqualTo("completed"), second.ToJsonString());
            Assert.That(versions, Is.EqualTo(2));
            Assert.That(second["created_resources"]?.AsArray(), Has.Count.EqualTo(1));
            Assert.That(third["created_resources"]?.AsArray(), Is.Empty);
            Assert.That(files.Keys, Is.EquivalentTo([wheel.Filename, yanked.Filename]));
            Assert.That((string?)files[yanked.Filename]?["yanked"], Is.EqualTo("broken"));
            Assert.That(bytes, Is.EqualTo(wheel.Bytes));
            Assert.That(metadata, Is.EqualTo(wheel.Metadata));
        });
    }

    private async Task<string> NewRemoteAsync(string path, string policy) =>
        (
            await Api.PostAsync(
                "remotes/python/python/",
                new
                {
                    name = PulpClient.Unique(),
                    url = $"{Server.Url}/pypi/{path}/",
                    policy,
                }
            )
        ).Href;

    private async Task<JsonNode> SyncAsync(string repository, string remote) =>
        await Api.EndOfAsync((await Api.PostAsync(repository + "sync/", new { remote, mirror = true })).Task);
}
