namespace Pulp.Api.Tests.Resources;

/// <summary>Whose word is taken for the address that clients use.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class TrustedProxyTests(Engine engine)
{
    [TestCase("", "https://pulp.example.com", Description = "This machine is trusted by itself")]
    [TestCase("127.0.0.1", "https://pulp.example.com")]
    [TestCase("10.0.0.0/8,127.0.0.0/8", "https://pulp.example.com")]
    [TestCase("10.0.0.0/8", null, Description = "Somebody else")]
    public async Task Links_are_of_the_address_that_a_trusted_proxy_tells(string trusted, string? origin)
    {
        await using var server = await TestServer.StartAsync(
            engine,
            s => s.TrustedProxies = trusted.Length > 0 ? trusted.Split(',') : s.TrustedProxies
        );
        await server.Api.NewRepositoryAsync();
        await server.Api.NewRepositoryAsync();

        var answer = await server.Api.SendContentAsync(
            HttpMethod.Get,
            "repositories/?limit=1",
            content: null,
            r =>
            {
                r.Headers.Add("X-Forwarded-Proto", "https");
                r.Headers.Add("X-Forwarded-Host", "pulp.example.com");
                r.Headers.Add("X-Forwarded-For", "203.0.113.9");
            }
        );

        Assert.That(
            (string?)answer.Json?["next"],
            Does.StartWith($"{origin ?? server.Url}/pulp/api/v3/repositories/?")
        );
    }
}
