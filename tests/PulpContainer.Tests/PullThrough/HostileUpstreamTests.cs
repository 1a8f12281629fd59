using Microsoft.AspNetCore.Http;

namespace PulpContainer.Tests.PullThrough;

/// <summary>Upstreams that give more than there should be, or something else.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class HostileUpstreamTests(Engine engine) : PullThroughFixture(engine)
{
    private const int Large = 16 * 1024 * 1024;

    [Test]
    public async Task Answers_that_are_too_long_are_cut_off([Values(200, 404)] int status, [Values] bool announced)
    {
        var image = TestImage.New();
        // White space behind a manifest changes nothing but its size.
        byte[] body = [.. image.Manifest, .. Enumerable.Repeat((byte)' ', Large)];
        Registry.With("app", null, image);
        Registry.Faulty(
            "v2/app/manifests/1",
            async context =>
            {
                context.Response.StatusCode = status;
                context.Response.ContentLength = announced ? body.Length : null;
                context.Response.ContentType = TestImage.OciManifest;
                if (context.Request.Method == "HEAD")
                {
                    context.Response.StatusCode = 405;
                    context.Response.ContentLength = null;
                    return;
                }

                await context.Response.Body.WriteAsync(body, context.RequestAborted);
                if (status == 404)
                {
                    // Who doesn't hang up gets no end.
                    await Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted);
                }
            }
        );
        var name = $"{await NewCacheAsync()}/app";

        var pulled = await GetAsync($"{name}/manifests/1");
        Registry.With("app", "2", TestImage.New());
        var another = await GetAsync($"{name}/manifests/2");

        Assert.Multiple(() =>
        {
            Assert.That(pulled.Status, Is.EqualTo(status == 200 ? 502 : 404), pulled.Text);
            Assert.That(another.Status, Is.EqualTo(200), "the others of that upstream");
        });
    }

    [Test]
    public async Task Signatures_of_an_image_have_a_size_and_a_number_at_most()
    {
        var clock = new MovableClock();
        await using var server = await TestServer.StartAsync(Engine, clock: clock);
        var image = TestImage.New();
        var name = await NewImageAsync(server, image);
        Offer(image, [TestSignature.Of(image.Digest, 0, padding: 5_000_000), .. Signatures(image, from: 1)]);
        var first = await SignaturesAsync(server, name, image);
        Offer(image, Signatures(image, from: 1000));
        clock.Advance(TimeSpan.FromSeconds(11));
        var second = await SignaturesAsync(server, name, image);
        Offer(image, Signatures(image, from: 2000));
        clock.Advance(TimeSpan.FromSeconds(11));
        var third = await SignaturesAsync(server, name, image);

        Assert.That((first.Length, second.Length, third.Length), Is.EqualTo((60, 100, 100)));
        Assert.That(third, Is.EqualTo(second));
    }

    [Test]
    public async Task Signatures_that_are_here_are_given_whatever_upstream_does()
    {
        var clock = new MovableClock();
        await using var server = await TestServer.StartAsync(Engine, clock: clock);
        var image = TestImage.New();
        var name = await NewImageAsync(server, image);
        Offer(image, [TestSignature.Of(image.Digest, 1)]);
        var path = $"v2/app/manifests/{image.Digest}";
        var first = await SignaturesAsync(server, name, image);

        Registry.Faulty(
            path,
            context =>
            {
                context.Response.StatusCode = context.Request.Method == "HEAD" ? 405 : 200;
                return context.Request.Method == "HEAD" ? Task.CompletedTask : context.Response.WriteAsync("{}");
            }
        );
        clock.Advance(TimeSpan.FromSeconds(11));
        var another = await SignaturesAsync(server, name, image);
        Registry.Faulty(
            path,
            context =>
            {
                context.Response.StatusCode = 403;
                return Task.CompletedTask;
            }
        );
        clock.Advance(TimeSpan.FromSeconds(11));
        var refused = await SignaturesAsync(server, name, image);
        var asked = Upstream.Count(path);
        var again = await SignaturesAsync(server, name, image);

        Assert.Multiple(() =>
        {
            Assert.That(first, Has.Length.EqualTo(1));
            Assert.That((another, refused, again), Is.EqualTo((first, first, first)));
            Assert.That(Upstream.Count(path), Is.EqualTo(asked), "not each time");
        });
    }

    [Test]
    public async Task Signatures_that_are_here_are_given_while_a_task_has_the_repository()
    {
        var clock = new MovableClock();
        await using var server = await TestServer.StartAsync(Engine, clock: clock);
        var image = TestImage.New();
        var name = await NewImageAsync(server, image);
        Offer(image, [TestSignature.Of(image.Digest, 1)]);
        var repository = (await server.Api.GetAsync($"distributions/container/container/?base_path={name}")).Results[0][
            "repository"
        ];
        await server.ExecuteAsync(
            $"""
            insert into core_taskreservation (task_id, resource, exclusive, granted)
            select t.pulp_id, 'prn:container.containerrepository:{Id((string?)repository)}', true, true
              from core_task t limit 1
            """
        );

        var pulling = SignaturesAsync(server, name, image);
        Assert.That(
            () =>
            {
                clock.Advance(TimeSpan.FromSeconds(10));
                return pulling.IsCompleted;
            },
            Is.True.Soon()
        );

        Assert.That(await pulling, Is.Empty);
    }

    [Test]
    public async Task Signatures_that_were_asked_for_before_their_image_are_there_with_it()
    {
        var (image, other) = (TestImage.New(), TestImage.New());
        var name = await NewImageAsync(Server, other);
        Registry.With("app", "2", image);
        Offer(image, [TestSignature.Of(image.Digest, 1)]);

        var before = await SignaturesAsync(Server, name, image);
        await Api.GetAsync($"/v2/{name}/manifests/2");
        var after = await SignaturesAsync(Server, name, image);

        Assert.That((before.Length, after.Length), Is.EqualTo((0, 1)));
    }

    private static IEnumerable<byte[]> Signatures(TestImage image, int from) =>
        Enumerable.Range(from, 60).Select(number => TestSignature.Of(image.Digest, number));

    /// <summary>The name of an image that is here already.</summary>
    private async Task<string> NewImageAsync(TestServer server, TestImage image)
    {
        Registry.ManifestHeaders["X-Registry-Supports-Signatures"] = "1";
        Registry.With("app", "1", image);
        var name = $"{await NewCacheAsync(server: server)}/app";
        var pulled = await server.Api.GetAsync($"/v2/{name}/manifests/1");
        Assert.That(pulled.Code, Is.EqualTo(200), pulled.Text);
        return name;
    }

    private void Offer(TestImage image, IEnumerable<byte[]> signatures) =>
        Upstream.With(
            $"extensions/v2/app/signatures/{image.Digest}",
            new JsonObject
            {
                ["signatures"] = new JsonArray([
                    .. signatures.Select(signature => new JsonObject
                    {
                        ["schemaVersion"] = 2,
                        ["type"] = "atomic",
                        ["name"] = "",
                        ["content"] = Convert.ToBase64String(signature),
                    }),
                ]),
            }.ToJsonString()
        );

    private static async Task<string[]> SignaturesAsync(TestServer server, string name, TestImage image)
    {
        var answer = await server.Api.GetAsync($"/extensions/v2/{name}/signatures/{image.Digest}");
        Assert.That(answer.Code, Is.EqualTo(200), answer.Text);
        return [.. (answer.Json?["signatures"]?.AsArray() ?? []).Select(s => (string?)s?["name"] ?? "")];
    }

    private static string Id(string? href) => (href ?? "").TrimEnd('/').Split('/')[^1];
}
