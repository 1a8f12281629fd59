using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Pulp.Core.Platform.Data;
using Pulp.Core.Serving;

namespace Pulp.Api.Tests.Serving;

[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class OnDemandTests(Engine engine) : ApiFixture(engine)
{
    private async Task<(string Repository, string Path)> DistributedAsync(string policy = "on_demand")
    {
        var (repository, _) = await SyncedAsync(policy, new { max_retries = 0 });
        await Api.NewPublicationAsync(new { repository });
        return (repository, (await Api.NewDistributionAsync(new { repository })).Path);
    }

    [Test]
    public async Task The_first_request_fetches_and_the_second_is_local()
    {
        var text = "lazy " + Guid.NewGuid();
        Upstream.With("a.txt", text).Listed();
        var (repository, path) = await DistributedAsync();

        var first = await Api.GetAsync(path + "a.txt");
        await StopUpstreamAsync();
        var second = await Api.GetAsync(path + "a.txt");
        var unit = (
            await Api.GetAsync($"content/file/files/?repository_version={await Api.LatestAsync(repository)}")
        ).Results[0];
        await StartUpstreamAsync();

        Assert.Multiple(() =>
        {
            Assert.That(first.Text, Is.EqualTo(text));
            Assert.That(second.Text, Is.EqualTo(text));
            Assert.That((string?)unit["artifact"], Is.Not.Null);
        });
    }

    [Test]
    public async Task Streamed_files_are_never_kept()
    {
        Upstream.With("a.txt", "streamed " + Guid.NewGuid()).Listed();
        var (repository, path) = await DistributedAsync("streamed");

        await Api.GetAsync(path + "a.txt");
        await Api.GetAsync(path + "a.txt");

        var unit = (
            await Api.GetAsync($"content/file/files/?repository_version={await Api.LatestAsync(repository)}")
        ).Results[0];
        Assert.Multiple(() =>
        {
            Assert.That(Upstream.Count("a.txt"), Is.EqualTo(2));
            Assert.That(unit["artifact"], Is.Null);
        });
    }

    [Test]
    public async Task Requests_at_the_same_time_share_one_download()
    {
        var bytes = new byte[500_000];
        RandomNumberGenerator.Fill(bytes);
        Upstream.With("big", bytes).Listed();
        var go = new TaskCompletionSource();
        Upstream.Faulty(
            "big",
            async context =>
            {
                context.Response.ContentLength = bytes.Length;
                await context.Response.Body.WriteAsync(bytes.AsMemory(0, 100_000));
                await context.Response.Body.FlushAsync();
                await go.Task;
                await context.Response.Body.WriteAsync(bytes.AsMemory(100_000));
            }
        );
        var (_, path) = await DistributedAsync();

        var readers = Enumerable
            .Range(0, 5)
            .Select(_ => Api.Http.GetAsync(path + "big", HttpCompletionOption.ResponseHeadersRead))
            .ToList();
        var answers = await Task.WhenAll(readers);
        go.SetResult();
        var bodies = await Task.WhenAll(answers.Select(a => a.Content.ReadAsByteArrayAsync()));

        Assert.Multiple(() =>
        {
            Assert.That(Upstream.Count("big"), Is.EqualTo(1));
            Assert.That(bodies, Has.All.EqualTo(bytes));
        });
    }

    [Test]
    public async Task A_download_that_ended_between_the_look_and_the_joining_is_not_repeated()
    {
        // More than is kept in memory.
        var text = Guid.NewGuid() + new string('-', 300_000);
        Upstream.With("a.txt", text).Listed();
        var (_, path) = await DistributedAsync();
        await Api.GetAsync(path + "a.txt");
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        var file = await Server
            .Services.GetRequiredService<Database>()
            .FirstOrDefaultAsync<Guid>(
                $"select f.pulp_id from core_contentartifact f join core_artifact a on a.pulp_id = f.artifact_id where a.sha256 = {sha256}",
                CancellationToken.None
            );
        using var body = new MemoryStream();
        var context = new DefaultHttpContext { RequestServices = Server.Services };
        context.Request.Method = "GET";
        context.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(body));

        // What a client does that found the file not to be here, before the first one's download was over.
        var relay = Server.Services.GetRequiredService<OnDemandResponse>();
        var sent = await relay.SendAsync(context, new ServedAnswer.OnDemand(file, "text/plain"), isLost: false);
        await context.Response.CompleteAsync();
        var fetched = Upstream.Count("a.txt");
        File.Delete(Path.Combine(Server.Settings.MediaRoot, "artifact", sha256[..2], sha256[2..]));
        var none = new DefaultHttpContext { RequestServices = Server.Services };
        var isSentWithout = await relay.SendAsync(none, new ServedAnswer.OnDemand(file, "text/plain"), isLost: false);
        var restored = await Api.GetAsync(path + "a.txt");

        Assert.Multiple(() =>
        {
            Assert.That(sent);
            Assert.That(Encoding.UTF8.GetString(body.ToArray()), Is.EqualTo(text));
            Assert.That(fetched, Is.EqualTo(1));
            Assert.That(isSentWithout, Is.False, "its file is gone: it is for the caller to have it fetched again");
            Assert.That(restored.Text, Is.EqualTo(text));
            Assert.That(Upstream.Count("a.txt"), Is.EqualTo(2));
        });
    }

    [Test]
    public async Task A_wrong_file_never_reaches_a_client_whole_and_is_not_kept()
    {
        Upstream.With("a.txt", "promised").Listed().With("a.txt", "deliver!");
        var (repository, path) = await DistributedAsync();

        var failed = false;
        try
        {
            failed = (await Api.GetAsync(path + "a.txt")).Code != 200;
        }
        catch (HttpRequestException)
        {
            failed = true;
        }

        var unit = (
            await Api.GetAsync($"content/file/files/?repository_version={await Api.LatestAsync(repository)}")
        ).Results[0];
        Assert.Multiple(() =>
        {
            Assert.That(failed);
            Assert.That(unit["artifact"], Is.Null);
        });
    }

    [Test]
    public async Task Without_a_source_the_answer_is_404_with_the_reason()
    {
        Upstream.With("a.txt", "gone " + Guid.NewGuid()).Listed();
        var (_, path) = await DistributedAsync();
        Upstream.Without("a.txt");

        var answer = await Api.GetAsync(path + "a.txt");
        var cooled = await Api.GetAsync(path + "a.txt");

        Assert.Multiple(() =>
        {
            Assert.That(answer.Code, Is.EqualTo(404));
            Assert.That(answer.Headers.GetValues("X-PULP-ERROR").Single(), Does.Contain("404"));
            Assert.That(cooled.Code, Is.EqualTo(404));
            Assert.That(Upstream.Count("a.txt"), Is.EqualTo(1), "a source that failed is left alone for a while");
        });
    }

    [Test]
    public async Task A_good_second_source_is_asked_after_a_bad_first_one()
    {
        var text = "two sources " + Guid.NewGuid();
        Upstream.With("a.txt", text).Listed();
        await DistributedAsync();
        Upstream.Without("a.txt");
        await using var second = await FakeUpstream.StartAsync();
        second.With("a.txt", text).Listed();
        var remote = await Api.NewRemoteAsync(second.Manifest, "on_demand");
        var repository = await Api.NewRepositoryAsync();
        await Api.SyncAsync(repository, remote);
        await Api.NewPublicationAsync(new { repository });

        var (_, path) = await Api.NewDistributionAsync(new { repository });

        Assert.That((await Api.GetAsync(path + "a.txt")).Text, Is.EqualTo(text));
    }

    [Test]
    public async Task An_alternate_source_is_preferred_and_the_remote_steps_in_when_it_fails()
    {
        var (one, two) = ("first " + Guid.NewGuid(), "second " + Guid.NewGuid());
        await using var near = await FakeUpstream.StartAsync();
        near.With("one", one).With("two", two).Listed();
        var nearRemote = await Api.NewRemoteAsync(near.Manifest, "on_demand", new { max_retries = 0 });
        var source = (
            await Api.PostAsync("acs/file/file/", new { name = PulpClient.Unique(), remote = nearRemote })
        ).Href;
        var refresh = await Api.PostAsync(source + "refresh/");
        await WaitForGroupAsync((string?)refresh.Json?["task_group"] ?? "");
        near.Without("two");
        Upstream.With("one", one).With("two", two).Listed();

        var (repository, _) = await SyncedAsync();

        await Assert.MultipleAsync(async () =>
        {
            Assert.That(await Api.PathsAsync(await Api.LatestAsync(repository)), Is.EqualTo(new[] { "one", "two" }));
            Assert.That(near.Count("one"), Is.EqualTo(1));
            Assert.That(Upstream.Count("one"), Is.Zero);
            Assert.That(Upstream.Count("two"), Is.EqualTo(1));
        });
    }

    private async Task WaitForGroupAsync(string group)
    {
        var tasks = (await Api.GetAsync(group)).Json?["tasks"]?.AsArray() ?? [];
        foreach (var task in tasks)
        {
            var end = await Api.EndOfAsync((string?)task?["pulp_href"] ?? "");
            Assert.That((string?)end["state"], Is.EqualTo("completed"), end.ToJsonString());
        }

        Assert.That((int?)(await Api.GetAsync(group)).Json?["completed"], Is.EqualTo(tasks.Count));
    }
}
