using System.Net.Http.Headers;

namespace PulpContainer.Tests.Tokens;

/// <summary>The keys that tokens are signed with, over processes and months.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class TokenKeyTests(Engine engine) : RegistryFixture(engine)
{
    private readonly MovableClock _clock = new();

    protected override TimeProvider Clock => _clock;

    private string Registry => new Uri(Server.Url).Authority;

    [Test]
    public async Task Another_process_takes_a_token_that_this_one_gave_and_the_other_way_round()
    {
        await using var other = await TestServer.StartAsync(Server.Settings, clock: _clock);

        var here = await TokenAsync(Server);
        var there = await TokenAsync(other);

        await Assert.MultipleAsync(async () =>
        {
            Assert.That(await StatusAsync(other, here), Is.EqualTo(200));
            Assert.That(await StatusAsync(Server, there), Is.EqualTo(200));
        });
    }

    [Test]
    public async Task A_new_key_comes_each_month_and_tokens_of_the_last_one_stay_good()
    {
        var first = await TokenAsync(Server);
        _clock.Advance(TimeSpan.FromDays(31) - TimeSpan.FromSeconds(200));
        var late = await TokenAsync(Server);
        await using var other = await TestServer.StartAsync(Server.Settings, clock: _clock);
        _clock.Advance(TimeSpan.FromSeconds(100));
        var next = await TokenAsync(other);

        await Assert.MultipleAsync(async () =>
        {
            Assert.That(await StatusAsync(Server, first), Is.EqualTo(401), "it has ended");
            Assert.That(await StatusAsync(other, late), Is.EqualTo(200));
            Assert.That(await StatusAsync(Server, next), Is.EqualTo(200));
            Assert.That(KeyOf(late), Is.Not.EqualTo(KeyOf(first)));
            Assert.That(KeyOf(next), Is.EqualTo(KeyOf(late)));
        });
    }

    private async Task<string> TokenAsync(TestServer server)
    {
        var answer = await server.Api.GetAsync($"/token/?service={Registry}");
        return (string?)answer.Json?["token"] ?? throw new InvalidOperationException(answer.Text);
    }

    private async Task<int> StatusAsync(TestServer server, string token)
    {
        using var client = new PulpClient(server.Url, user: null, password: null);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v2/");
        // Both are one registry to their clients.
        request.Headers.Host = Registry;
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var answer = await client.Http.SendAsync(request);
        return (int)answer.StatusCode;
    }

    private static string? KeyOf(string token) =>
        (string?)JsonNode.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(token.Split('.')[0]))?["kid"];
}
