namespace Pulp.PluginSdk.Tests;

/// <summary>Content guards of a plugin's own.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class GuardTests(Engine engine) : SkeletonFixture(engine)
{
    [Test]
    public async Task A_plugins_guard_is_asked_for_every_request()
    {
        var guard = await Api.PostAsync(
            "contentguards/wheels/token/",
            new { name = PulpClient.Unique(), token = "sesame" }
        );
        var list = await Api.GetAsync($"contentguards/?name={(string?)guard.Json?["name"]}");
        var (_, path) = await Api.NewDistributionAsync(new { content_guard = guard.Href });
        using var nobody = new PulpClient(Server.Url, null, null);
        Task<Answer> AskAsync(string below, string? token = null) =>
            nobody.SendContentAsync(
                HttpMethod.Get,
                path + below,
                null,
                request => request.Headers.Add("X-Wheel-Token", token ?? "none")
            );

        var refused = await AskAsync("a");
        var right = await AskAsync("a", "sesame");
        var open = await AskAsync("public/a");
        var stranger = await AskAsync("a?auditor");
        var auditor = await Api.GetAsync(path + "a?auditor");
        var changed = await Api.PatchAsync(guard.Href, new { token = "open" });
        var old = await AskAsync("a", "sesame");

        Assert.Multiple(() =>
        {
            Assert.That(list.Results.Select(r => (string?)r["pulp_href"]), Is.EqualTo(new[] { guard.Href }));
            Assert.That(guard.Text, Does.Not.Contain("sesame"));
            Assert.That(refused.Text, Is.EqualTo("403: The wheels are behind a token."));
            Assert.That(changed.Code, Is.EqualTo(200));

            // Behind the guard there is nothing.
            Assert.That(new[] { right, open, auditor }.Select(a => a.Code), Has.All.EqualTo(404));
            Assert.That(new[] { stranger, old }.Select(a => a.Code), Has.All.EqualTo(403));
        });
    }
}
