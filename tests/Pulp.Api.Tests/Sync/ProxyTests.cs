namespace Pulp.Api.Tests.Sync;

/// <summary>Upstreams that are reached through a proxy.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class ProxyTests(Engine engine) : ApiFixture(engine)
{
    [Test]
    public async Task Everything_is_asked_of_the_proxy_with_its_own_credentials()
    {
        Upstream.With("a.txt", "through a proxy").Listed();
        var asked = new List<(string? Host, string? Credentials)>();
        foreach (var path in new[] { "PULP_MANIFEST", "a.txt" })
        {
            var body = path == "a.txt" ? "through a proxy" : await ManifestAsync();
            Upstream.Faulty(
                path,
                context =>
                {
                    if (context.Request.Headers.ProxyAuthorization.Count == 0)
                    {
                        context.Response.StatusCode = 407;
                        context.Response.Headers.ProxyAuthenticate = "Basic realm=\"proxy\"";
                        return Task.CompletedTask;
                    }

                    lock (asked)
                    {
                        asked.Add((context.Request.Host.Value, context.Request.Headers.ProxyAuthorization));
                    }

                    return context.Response.WriteAsync(body);
                }
            );
        }

        var remote = await Api.NewRemoteAsync(
            "http://upstream.invalid/PULP_MANIFEST",
            more: new
            {
                proxy_url = Upstream.Url,
                proxy_username = "who",
                proxy_password = "knows",
            }
        );
        var repository = await Api.NewRepositoryAsync();
        var task = await Api.SyncAsync(repository, remote);

        var expected = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("who:knows"));
        var paths = await Api.PathsAsync(await Api.LatestAsync(repository));
        Assert.Multiple(() =>
        {
            Assert.That((string?)task["state"], Is.EqualTo("completed"), task.ToJsonString());
            Assert.That(paths, Is.EqualTo(new[] { "a.txt" }));
            Assert.That(asked.Select(a => a.Host), Is.All.EqualTo("upstream.invalid"));
            Assert.That(asked.Select(a => a.Credentials), Is.All.EqualTo(expected));
        });
    }

    private async Task<string> ManifestAsync()
    {
        using var client = new PulpClient(Upstream.Url, user: null, password: null);
        return (await client.GetAsync("/PULP_MANIFEST")).Text;
    }
}
