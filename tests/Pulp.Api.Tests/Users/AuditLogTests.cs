using System.Diagnostics;

namespace Pulp.Api.Tests.Users;

/// <summary>Who did what.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class AuditLogTests(Engine engine) : ApiFixture(engine)
{
    /// <summary>The events that a filter names, once there are as many as expected: they are stored behind the requests.</summary>
    private async Task<IReadOnlyList<System.Text.Json.Nodes.JsonNode>> EventsAsync(string filter, int expected)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            var events = (await Api.GetAsync("audit_log/?" + filter)).Results;
            if (events.Count >= expected || watch.Elapsed > TimeSpan.FromSeconds(60))
            {
                return events;
            }

            await Task.Delay(20);
        }
    }

    [Test]
    public async Task Changes_sign_ins_and_refusals_are_noted_with_who_and_whence()
    {
        var name = PulpClient.Unique();
        const string password = "a good one 1";
        var user = (await Api.PostAsync("users/", new { username = name, password })).Href;
        using var own = new PulpClient(Server.Url, name, password);
        using var wrong = new PulpClient(Server.Url, name, "my old secret 9");
        var token = (string?)(await own.PostAsync(user + "tokens/", new { name = "ci" })).Json?["token"];
        using var byToken = new PulpClient(Server.Url, name, token);

        await own.PostAsync("login/");
        await own.GetAsync("login/");
        await own.PostAsync("repositories/file/file/?password=in-the-query", new { name });
        await wrong.GetAsync("login/");
        var renamed = await own.PatchAsync("login/", new { first_name = "Ada" });
        await byToken.PostAsync("login/");
        var events = await EventsAsync($"username={name}&ordering=pulp_created", 5);
        var failed = await EventsAsync("kind=refusal&status=401&path=/pulp/api/v3/login/", 1);
        var correlated = await Api.GetAsync(
            $"audit_log/?correlation_id={renamed.Headers.GetValues("Correlation-ID").First()}"
        );
        var everything = await Api.GetAsync("audit_log/?limit=1000");
        var byUser = await own.GetAsync("audit_log/");

        Assert.Multiple(() =>
        {
            Assert.That(
                events.Select(e =>
                    $"{(string?)e["kind"]} {(string?)e["method"]} {(long?)e["status"]} {(bool?)e["with_token"]}"
                ),
                Is.EqualTo(
                    new[]
                    {
                        "change POST 201 False",
                        "sign_in POST 201 False",
                        "refusal POST 403 False",
                        "change PATCH 200 False",
                        "refusal POST 403 True",
                    }
                )
            );
            Assert.That(failed, Is.Not.Empty);
            Assert.That((string?)failed[0]["address"], Does.Contain("127.0.0.1"));
            Assert.That((string?)failed[0]["username"], Is.Null);
            Assert.That(correlated.Results, Has.Count.EqualTo(1));
            Assert.That(
                everything.Text,
                Does.Not.Contain(password).And.Not.Contain("my old secret").And.Not.Contain("in-the-query")
            );
            Assert.That(everything.Text, Does.Not.Contain(token ?? "?"));
            Assert.That(byUser.Code, Is.EqualTo(403));
        });
    }

    [Test]
    public async Task Who_tries_by_the_thousand_does_not_fill_it()
    {
        using var nobody = new PulpClient(Server.Url, null, null);
        Task<Answer> TryAsync(int i) =>
            nobody.SendContentAsync(
                HttpMethod.Get,
                "login/",
                null,
                request =>
                {
                    request.Headers.Add("X-Forwarded-For", "198.51.100.7");
                    request.Headers.TryAddWithoutValidation("Authorization", $"Basic not-base64-{i}!");
                }
            );
        for (var i = 0; i < 200; i++)
        {
            await TryAsync(i);
        }

        var noted = await EventsAsync("address=198.51.100.7&limit=1000", 60);

        Assert.That(noted, Has.Count.InRange(60, 120));
    }

    [Test]
    public async Task Nothing_is_kept_where_none_is_wanted()
    {
        await using var server = await TestServer.StartAsync(Engine, s => s.AuditLogDays = 0);
        await server.Api.NewRepositoryAsync();

        // A change behind it would be stored by now if any were.
        Assert.That((await server.Api.GetAsync("audit_log/")).Results, Is.Empty);
    }
}
