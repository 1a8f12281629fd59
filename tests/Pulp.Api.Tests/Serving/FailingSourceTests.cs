using System.Security.Cryptography;

namespace Pulp.Api.Tests.Serving;

/// <summary>Sources of on-demand files that fail, for a moment or for good.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class FailingSourceTests(Engine engine) : ApiFixture(engine)
{
    private string _source = "";

    /// <summary>The content path of an on-demand file whose body is made up.</summary>
    private async Task<(string Path, byte[] Bytes)> OnDemandAsync(object? remote = null, int size = 1_000)
    {
        var bytes = RandomNumberGenerator.GetBytes(size);
        Upstream.With("file", bytes).Listed();
        var (repository, source) = await SyncedAsync("on_demand", remote);
        await Api.NewPublicationAsync(new { repository });
        _source = source;
        return ((await Api.NewDistributionAsync(new { repository })).Path + "file", bytes);
    }

    private static string? RetryAfter(Answer answer) =>
        answer.Headers.TryGetValues("Retry-After", out var values) ? values.Single() : null;

    private void Answers(int status, string? retryAfter = null) =>
        Upstream.Faulty(
            "file",
            context =>
            {
                context.Response.StatusCode = status;
                if (retryAfter is not null)
                {
                    context.Response.Headers.RetryAfter = retryAfter;
                }

                return Task.CompletedTask;
            }
        );

    [TestCase(503)]
    [TestCase(429)]
    [TestCase(500)]
    public async Task One_hiccup_is_tried_again_and_the_client_notices_nothing(int status)
    {
        var (path, bytes) = await OnDemandAsync();
        Upstream.Faulty(
            "file",
            context =>
            {
                context.Response.StatusCode = status;
                Upstream.Mend("file");
                return Task.CompletedTask;
            }
        );

        var got = await Api.Http.GetByteArrayAsync(path);

        Assert.That(got, Is.EqualTo(bytes));
        Assert.That(Upstream.Count("file"), Is.EqualTo(2));
    }

    [TestCase(503, "7", 503, "7")]
    [TestCase(429, null, 503, "10")]
    [TestCase(503, "120", 503, "120")]
    [TestCase(500, null, 502, "10")]
    [TestCase(403, null, 502, "10")]
    [TestCase(504, null, 504, "10")]
    public async Task A_failure_that_may_pass_is_not_called_not_found_and_is_over_when_it_is_over(
        int status,
        string? asked,
        int answered,
        string retryAfter
    )
    {
        var (path, bytes) = await OnDemandAsync(new { max_retries = 0 });
        Answers(status, asked);

        var failed = await Api.GetAsync(path);
        Upstream.Mend("file");
        var got = await Api.Http.GetByteArrayAsync(path);

        Assert.Multiple(() =>
        {
            Assert.That(failed.Code, Is.EqualTo(answered));
            Assert.That(RetryAfter(failed), Is.EqualTo(retryAfter));
            Assert.That(failed.Headers.GetValues("X-PULP-ERROR").Single(), Does.Contain($"{status}"));
            Assert.That(got, Is.EqualTo(bytes));
        });
    }

    [Test]
    public async Task A_client_is_not_kept_waiting_for_a_long_pause_that_the_source_asks_for()
    {
        var (path, _) = await OnDemandAsync(new { max_retries = 5 });
        Answers(503, "120");

        var failed = await Api.GetAsync(path);

        Assert.That((failed.Code, RetryAfter(failed)), Is.EqualTo((503, "120")));
        Assert.That(Upstream.Count("file"), Is.EqualTo(1));
    }

    [TestCase(404)]
    [TestCase(410)]
    public async Task Not_found_is_what_the_source_calls_so(int status)
    {
        var (path, _) = await OnDemandAsync();
        Answers(status);

        var first = await Api.GetAsync(path);
        var second = await Api.GetAsync(path);

        Assert.That((first.Code, second.Code), Is.EqualTo((404, 404)));
        Assert.That(RetryAfter(first), Is.Null);
        Assert.That(Upstream.Count("file"), Is.EqualTo(1), "it is left alone for a while");
    }

    [TestCase("total_timeout")]
    [TestCase("sock_read_timeout")]
    public async Task A_source_that_falls_silent_is_a_timeout(string setting)
    {
        // Only now: the sync itself may take a busy machine longer.
        var (path, _) = await OnDemandAsync(new { max_retries = 0 });
        await Api.CompletedAsync(await Api.PatchAsync(_source, new Dictionary<string, object> { [setting] = 1.0 }));
        Upstream.Faulty(
            "file",
            async context =>
            {
                await context.Response.StartAsync();
                var gone = new TaskCompletionSource();
                await using var _ = context.RequestAborted.Register(gone.SetResult);
                await gone.Task;
            }
        );

        var failed = await Api.GetAsync(path);

        Assert.That((failed.Code, RetryAfter(failed)), Is.EqualTo((504, "10")));
    }

    [Test]
    public async Task A_source_that_is_gone_is_a_bad_gateway()
    {
        var (path, _) = await OnDemandAsync(new { max_retries = 0 });
        await StopUpstreamAsync();

        var failed = await Api.GetAsync(path);
        await StartUpstreamAsync();

        Assert.That((failed.Code, RetryAfter(failed)), Is.EqualTo((502, "10")));
    }

    [Test]
    public async Task A_wrong_file_is_a_bad_gateway_and_its_source_is_left_alone()
    {
        var (path, bytes) = await OnDemandAsync();
        Upstream.With("file", RandomNumberGenerator.GetBytes(bytes.Length));

        var first = await Api.GetAsync(path);
        var second = await Api.GetAsync(path);

        Assert.That((first.Code, second.Code), Is.EqualTo((502, 502)));
        Assert.That(Upstream.Count("file"), Is.EqualTo(1));
    }

    [Test]
    public async Task A_transfer_that_breaks_off_goes_on_where_clients_are()
    {
        var (path, bytes) = await OnDemandAsync(size: 500_000);
        var ranges = new List<string>();
        Upstream.Faulty(
            "file",
            async context =>
            {
                var (request, response) = (context.Request, context.Response);
                ranges.Add(request.Headers.Range.ToString());
                response.Headers.ETag = "\"one\"";
                if (ranges.Count == 1)
                {
                    response.ContentLength = bytes.Length;
                    await response.Body.WriteAsync(bytes.AsMemory(0, 300_000));
                    await response.Body.FlushAsync();
                    context.Abort();
                    return;
                }

                var from = (int)(request.GetTypedHeaders().Range?.Ranges.Single().From ?? 0);
                response.StatusCode = 206;
                response.Headers.ContentRange = $"bytes {from}-{bytes.Length - 1}/{bytes.Length}";
                await response.Body.WriteAsync(bytes.AsMemory(from));
            }
        );

        var got = await Api.Http.GetByteArrayAsync(path);

        Assert.That(got.AsSpan().SequenceEqual(bytes));
        Assert.That(ranges, Has.Count.EqualTo(2));
        Assert.That(ranges[1], Does.StartWith("bytes="));
    }

    [Test]
    public async Task A_start_that_failed_is_not_remembered()
    {
        var (path, bytes) = await OnDemandAsync();
        var temporary = Path.Combine(Server.Settings.MediaRoot, "tmp");
        Directory.Move(temporary, temporary + "-away");

        var failed = await Api.GetAsync(path);
        Directory.Move(temporary + "-away", temporary);
        var got = await Api.Http.GetByteArrayAsync(path);

        Assert.That(failed.Code, Is.EqualTo(500));
        Assert.That(got, Is.EqualTo(bytes));
    }
}
