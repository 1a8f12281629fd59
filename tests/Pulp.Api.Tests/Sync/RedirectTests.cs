using System.Collections.Concurrent;

namespace Pulp.Api.Tests.Sync;

/// <summary>Upstreams that send elsewhere, or nowhere.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class RedirectTests(Engine engine) : ApiFixture(engine)
{
    private void Redirect(string path, string? target, int status = 302) =>
        Upstream.Faulty(
            path,
            context =>
            {
                context.Response.StatusCode = status;
                context.Response.Headers.Location = target;
                return Task.CompletedTask;
            }
        );

    private async Task<string> FailureAsync()
    {
        var remote = await Api.NewRemoteAsync(Upstream.Manifest, more: new { max_retries = 0 });
        var task = await Api.SyncAsync(await Api.NewRepositoryAsync(), remote);
        Assert.That((string?)task["state"], Is.EqualTo("failed"));
        return (string?)task["error"]?["description"] ?? "";
    }

    [TestCase("file:///etc/passwd", "redirects to a 'file:' address; only http and https are followed")]
    [TestCase("data:text/plain,x", "redirects to a 'data:' address; only http and https are followed")]
    [TestCase(null, "redirects (302) without saying where to")]
    [TestCase("/PULP_MANIFEST", "redirects in a circle")]
    public async Task A_redirect_that_is_not_followed_is_named(string? target, string message)
    {
        Redirect("PULP_MANIFEST", target);

        Assert.That(await FailureAsync(), Does.Contain(message));
    }

    [Test]
    public async Task A_chain_of_redirects_without_end_is_named()
    {
        for (var i = 0; i < 20; i++)
        {
            Redirect(i == 0 ? "PULP_MANIFEST" : $"hop{i}", $"/hop{i + 1}");
        }

        Assert.That(await FailureAsync(), Does.Contain("redirects more than 10 times"));
    }

    [Test]
    public async Task An_upstream_that_hangs_up_is_named()
    {
        Upstream.Faulty(
            "PULP_MANIFEST",
            context =>
            {
                context.Abort();
                return Task.CompletedTask;
            }
        );

        Assert.That(
            await FailureAsync(),
            Does.Contain("can't be reached: the connection was closed before an answer came")
                .Or.Contain("Connection reset by peer")
        );
    }

    [TestCase(301)]
    [TestCase(302)]
    [TestCase(303)]
    [TestCase(307)]
    [TestCase(308)]
    public async Task Credentials_stay_with_the_host_they_are_for(int status)
    {
        await using var other = await FakeUpstream.StartAsync();
        var (here, there) = (new ConcurrentQueue<string>(), new ConcurrentQueue<string>());
        static string Seen(Microsoft.AspNetCore.Http.HttpContext context) =>
            $"{context.Request.Headers.Authorization}|{context.Request.Headers["X-Token"]}|{context.Request.Headers.UserAgent}";
        Upstream
            .Faulty(
                "PULP_MANIFEST",
                context =>
                {
                    here.Enqueue(Seen(context));
                    context.Response.StatusCode = status;
                    context.Response.Headers.Location = "/second";
                    return Task.CompletedTask;
                }
            )
            .Faulty(
                "second",
                context =>
                {
                    here.Enqueue(Seen(context));
                    context.Response.StatusCode = status;
                    context.Response.Headers.Location = other.Manifest;
                    return Task.CompletedTask;
                }
            );
        other.Faulty(
            "PULP_MANIFEST",
            context =>
            {
                there.Enqueue(Seen(context));
                return Task.CompletedTask;
            }
        );
        var remote = await Api.NewRemoteAsync(
            Upstream.Manifest,
            more: new
            {
                username = "user",
                password = "secret",
                headers = new object[]
                {
                    new Dictionary<string, string> { ["X-Token"] = "token" },
                    new Dictionary<string, string> { ["User-Agent"] = "agent" },
                },
            }
        );

        var task = await Api.SyncAsync(await Api.NewRepositoryAsync(), remote);

        Assert.Multiple(() =>
        {
            Assert.That((string?)task["state"], Is.EqualTo("completed"), task.ToJsonString());
            Assert.That(here, Has.Count.EqualTo(2).And.All.EqualTo("Basic dXNlcjpzZWNyZXQ=|token|agent"));
            Assert.That(there, Is.EqualTo(new[] { "||agent" }));
        });
    }
}
