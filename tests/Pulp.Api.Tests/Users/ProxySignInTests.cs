namespace Pulp.Api.Tests.Users;

/// <summary>Users whom a proxy names.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class ProxySignInTests(Engine engine)
{
    private static void Configure(Pulp.Core.Platform.Settings.PulpSettings settings)
    {
        settings.RemoteUserEnvironName = "HTTP_REMOTE_USER";
        settings.AuthenticationJsonHeader = "HTTP_X_RH_IDENTITY";
        settings.AuthenticationJsonHeaderJqFilter = ".identity.user.username";
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static async Task<Answer> AskAsync(TestServer server, string header, params string[] values)
    {
        using var nobody = new PulpClient(server.Url, null, null);
        return await nobody.SendContentAsync(
            HttpMethod.Get,
            "login/",
            null,
            request => request.Headers.TryAddWithoutValidation(header, values)
        );
    }

    [Test]
    public async Task A_trusted_proxy_says_who_it_is()
    {
        await using var server = await TestServer.StartAsync(engine, Configure);
        var identity = Base64("""{"identity": {"user": {"username": "grace"}}}""");
        await server.Api.PostAsync("users/", new { username = "idle", is_active = false });

        var named = await AskAsync(server, "Remote-User", "ada");
        var again = await AskAsync(server, "REMOTE-USER", "ada");
        var json = await AskAsync(server, "X-RH-Identity", identity);
        var nobody = await AskAsync(server, "X-RH-Identity", Base64("""{"identity": {}}"""));
        var broken = await AskAsync(server, "X-RH-Identity", "????");
        var text = await AskAsync(server, "X-RH-Identity", Base64("text"));
        var idle = await AskAsync(server, "Remote-User", "idle");
        var odd = await AskAsync(server, "Remote-User", "no name");
        var two = await AskAsync(server, "Remote-User", "ada", "admin");
        var login = await server.Api.GetAsync("users/?username=ada");

        Assert.Multiple(() =>
        {
            Assert.That((string?)named.Json?["username"], Is.EqualTo("ada"), named.Text);
            Assert.That(again.Href, Is.EqualTo(named.Href));
            Assert.That((string?)json.Json?["username"], Is.EqualTo("grace"));
            Assert.That(new[] { nobody, idle, odd, two }.Select(a => a.Code), Has.All.EqualTo(401));
            Assert.That((string?)broken.Json?["detail"], Is.EqualTo("Access denied."));
            Assert.That((text.Code, (string?)text.Json?["detail"]), Is.EqualTo((403, "Access denied. Invalid JSON.")));
            Assert.That(login.Text, Does.Contain("\"is_staff\":false"));
        });
    }

    [Test]
    public async Task Nobody_else_does_and_none_where_it_is_not_set()
    {
        await using var distrusting = await TestServer.StartAsync(
            engine,
            settings =>
            {
                Configure(settings);
                settings.TrustedProxies = ["192.0.2.1"];
            }
        );
        await using var plain = await TestServer.StartAsync(engine);
        await using var known = await TestServer.StartAsync(
            engine,
            settings =>
            {
                Configure(settings);
                settings.RemoteUserCreate = false;
            }
        );

        Answer[] answers =
        [
            await AskAsync(distrusting, "Remote-User", "admin"),
            await AskAsync(distrusting, "X-RH-Identity", Base64("""{"identity": {"user": {"username": "admin"}}}""")),
            await AskAsync(plain, "Remote-User", "admin"),
            await AskAsync(known, "Remote-User", "stranger"),
        ];
        var admin = await AskAsync(known, "Remote-User", "admin");

        Assert.Multiple(() =>
        {
            Assert.That(answers.Select(a => a.Code), Has.All.EqualTo(401));
            Assert.That(admin.Code, Is.EqualTo(200));
        });
    }
}
