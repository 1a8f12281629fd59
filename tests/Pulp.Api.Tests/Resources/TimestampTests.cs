namespace Pulp.Api.Tests.Resources;

/// <summary>Every resource says when it came about, however it did.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class TimestampTests(Engine engine) : ApiFixture(engine)
{
    [Test]
    public async Task Whatever_is_made_was_made_now()
    {
        var begun = TimeProvider.System.GetUtcNow().AddSeconds(-5);
        Upstream.With("a", "one").Listed();
        var (repository, remote) = await SyncedAsync();
        var asked = await Api.NewPublicationAsync(new { repository });
        var autopublishing = await Api.NewRepositoryAsync(new { autopublish = true, remote });
        await Api.SyncAsync(autopublishing, remote);
        var version = Uri.EscapeDataString(await Api.LatestAsync(autopublishing));
        var automatic = (await Api.GetAsync($"publications/file/file/?repository_version={version}")).Results[0];
        var (distribution, _) = await Api.NewDistributionAsync(new { repository });
        var file = await Api.NewFileAsync("made", "now");

        string[] made = [repository, remote, asked, (string?)automatic["pulp_href"] ?? "", distribution, file];
        foreach (var href in made)
        {
            var resource = (await Api.GetAsync(href)).Json;
            Assert.Multiple(() =>
            {
                Assert.That((DateTimeOffset?)resource?["pulp_created"], Is.GreaterThan(begun), href);
                Assert.That((DateTimeOffset?)resource?["pulp_last_updated"], Is.GreaterThan(begun), href);
            });
        }
    }
}
