namespace Pulp.PluginSdk.Tests;

/// <summary>Who asks, and secrets of a plugin's own.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class CallerTests(Engine engine) : SkeletonFixture(engine)
{
    private async Task<PulpClient> UserAsync()
    {
        var name = PulpClient.Unique();
        await Api.PostAsync("users/", new { username = name, password = "a good one 1" });
        return new PulpClient(Server.Url, name, "a good one 1");
    }

    private static string Token(Answer answer) => Uri.EscapeDataString((string?)answer.Json?["token"] ?? answer.Text);

    [Test]
    public async Task A_plugin_signs_users_in_and_seals_what_it_knows_of_them()
    {
        using var user = await UserAsync();
        using var wrong = new PulpClient(Server.Url, "admin", "wrong");
        using var nobody = new PulpClient(Server.Url, null, null);

        var given = await user.GetAsync("/images-token/");
        var opened = await nobody.GetAsync($"/images-token/open?token={Token(given)}");
        var changed = await nobody.GetAsync($"/images-token/open?token={Token(given)}x");
        var nonsense = await nobody.GetAsync("/images-token/open?token=v1:nonsense");

        var codes = new[] { await wrong.GetAsync("/images-token/"), await nobody.GetAsync("/images-token/") };
        Assert.Multiple(() =>
        {
            Assert.That(given.Code, Is.EqualTo(200), given.Text);
            Assert.That(opened.Text, Does.Match("^[0-9]+ t[0-9a-f]{12}$"));
            Assert.That(new[] { changed.Code, nonsense.Code }, Is.All.EqualTo(401));
            Assert.That(codes.Select(c => c.Code), Is.All.EqualTo(401));
        });
    }

    [Test]
    public async Task What_one_plugin_sealed_another_doesnt_open()
    {
        var images = Token(await Api.GetAsync("/images-token/"));
        var wheels = Token(await Api.GetAsync("/wheels-token/"));

        var answers = new List<int>();
        foreach (var path in new[] { "images", "wheels" })
        {
            answers.Add((await Api.GetAsync($"/{path}-token/open?token={images}")).Code);
            answers.Add((await Api.GetAsync($"/{path}-token/open?token={wheels}")).Code);
        }

        Assert.That(answers, Is.EqualTo(new[] { 200, 401, 401, 200 }));
    }

    [Test]
    public async Task A_plugin_knows_who_asks_and_what_they_see()
    {
        using var user = await UserAsync();
        var name = PulpClient.Unique();
        await Api.PostAsync("repositories/images/image/", new { name });
        await Api.PostAsync("repositories/wheels/wheel/", new { name = name + "-wheels" });

        var all = await Api.GetAsync("/images-token/visible");
        var none = await user.GetAsync("/images-token/visible");

        Assert.Multiple(() =>
        {
            Assert.That((string?)all.Json?["caller"], Is.EqualTo("admin"));
            Assert.That((bool?)all.Json?["everything"], Is.True);
            Assert.That(all.Text, Does.Contain($"\"{name}\"").And.Not.Contain($"\"{name}-wheels\""));
            Assert.That((bool?)none.Json?["everything"], Is.False);
            Assert.That(none.Json?["repositories"]?.AsArray(), Is.Empty);
        });
    }
}
