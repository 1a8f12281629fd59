using PulpContainer.Tests.Signatures;

namespace PulpContainer.Tests.PullThrough;

/// <summary>Signatures through a cache of another server.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class CachedSignatureTests(Engine engine) : SignatureFixture(engine)
{
    [Test]
    public async Task A_cache_gives_the_signatures_of_its_upstream_and_keeps_them()
    {
        var clock = new MovableClock();
        await using var cache = await TestServer.StartAsync(Engine, clock: clock);
        var (name, image, other) = (NewName(), TestImage.New(), TestImage.New());
        await PushAsync(name, "1", image);
        await PushAsync(name, "2", other);
        var remote = await cache.Api.PostAsync(
            "remotes/container/pull-through/",
            new
            {
                name = "up",
                url = Server.Url,
                max_retries = 0,
            }
        );
        await cache.Api.CompletedAsync(
            await cache.Api.PostAsync(
                "distributions/container/pull-through/",
                new
                {
                    name = "up",
                    base_path = "up",
                    remote = remote.Href,
                }
            )
        );
        await cache.Api.GetAsync($"/v2/up/{name}/manifests/1");

        var before = await CachedAsync(cache, name, image);
        await Api.CompletedAsync(
            await Api.PostAsync(
                await RepositoryAsync(name) + "sign/",
                new { manifest_signing_service = Service, tags_list = new[] { "1" } }
            )
        );
        clock.Advance(TimeSpan.FromSeconds(11));
        var signed = await CachedAsync(cache, name, image);
        var unpulled = await CachedAsync(cache, name, other);
        using var nobody = new PulpClient(cache.Url, user: null, password: null);
        await cache.Api.PatchAsync(remote.Href, new { url = "http://127.0.0.1:1" });
        clock.Advance(TimeSpan.FromSeconds(11));
        var alone = await CachedAsync(cache, name, image);
        var anybodys = await nobody.GetAsync($"/extensions/v2/up/{name}/signatures/{image.Digest}");

        var upstream = await SignaturesAsync(name, image.Digest);
        Assert.Multiple(() =>
        {
            Assert.That(before, Is.EqualTo("[]"));
            Assert.That(signed, Is.EqualTo(upstream.ToJsonString()));
            Assert.That(signed, Does.Contain("atomic"));
            Assert.That(unpulled, Is.EqualTo("[]"));
            Assert.That(alone, Is.EqualTo(signed), "kept while upstream is away");
            Assert.That(anybodys.Json?["signatures"]?.ToJsonString(), Is.EqualTo(signed));
        });
    }

    private static async Task<string?> CachedAsync(TestServer cache, string name, TestImage image) =>
        (await cache.Api.GetAsync($"/extensions/v2/up/{name}/signatures/{image.Digest}")).Json?[
            "signatures"
        ]?.ToJsonString();
}
