namespace Pulp.PluginSdk.Tests;

/// <summary>What follows from the declaration of a kind alone.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class KindTests(Engine engine) : SkeletonFixture(engine)
{
    [Test]
    public async Task Kinds_of_two_plugins_live_beside_each_other()
    {
        var name = PulpClient.Unique();
        var images = await Api.PostAsync("repositories/images/image/", new { name });
        var wheels = await Api.PostAsync("repositories/wheels/wheel/", new { name = name + "-wheels" });

        var all = await Api.GetAsync($"repositories/?name__startswith={name}&ordering=name");

        Assert.That(all.Results.Select(r => (string?)r["pulp_href"]), Is.EqualTo(new[] { images.Href, wheels.Href }));
    }
}
