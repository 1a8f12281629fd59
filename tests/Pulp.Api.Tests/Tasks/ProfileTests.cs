using System.Text.RegularExpressions;

namespace Pulp.Api.Tests.Tasks;

/// <summary>What is recorded of tasks that ask for it, and who gets to see it.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class ProfileTests(Engine engine) : ApiFixture(engine)
{
    private readonly MovableClock _clock = new();

    protected override TimeProvider Clock => _clock;

    protected override void Configure(Pulp.Core.Platform.Settings.PulpSettings settings) =>
        settings.TaskDiagnostics = ["memory", "cpu", "logs", "debug-logs"];

    private async Task<(string Task, JsonObject Urls)> SyncedWithAsync(string diagnostics, object? remote = null)
    {
        var source = await Api.NewRemoteAsync(Upstream.Manifest, more: remote);
        var repository = await Api.NewRepositoryAsync();
        var started = await Api.SendContentAsync(
            HttpMethod.Post,
            repository + "sync/",
            new StringContent($"{{\"remote\": \"{source}\"}}", Encoding.UTF8, "application/json"),
            request => request.Headers.Add("X-Task-Diagnostics", diagnostics)
        );
        await Api.EndOfAsync(started.Task);
        return (started.Task, await UrlsAsync(started.Task));
    }

    private async Task<JsonObject> UrlsAsync(string task) =>
        (await Api.GetAsync(task + "profile_artifacts/")).Json?["urls"]?.AsObject() ?? [];

    /// <summary>Follows a link as it stands, without an account.</summary>
    private async Task<(int Code, byte[] Body)> FollowAsync(string? url)
    {
        using var nobody = new PulpClient(Server.Url, null, null);
        using var answer = await nobody.Http.GetAsync(new Uri(url ?? ""));
        return ((int)answer.StatusCode, await answer.Content.ReadAsByteArrayAsync());
    }

    [Test]
    public async Task A_task_that_asks_for_profiles_has_them_and_others_have_none()
    {
        Upstream.With("a.txt", PulpClient.Unique()).Listed();

        var (_, urls) = await SyncedWithAsync("memory, cpu,logs,pyinstrument");
        var (_, none) = await SyncedWithAsync("");
        var memory = await FollowAsync((string?)urls["memory_profile"]);
        var cpu = await FollowAsync((string?)urls["cpu_profile"]);

        Assert.Multiple(() =>
        {
            Assert.That(
                urls.Select(u => u.Key),
                Is.EquivalentTo(new[] { "cpu_profile", "memory_profile", "task_logs" })
            );
            Assert.That(none, Is.Empty);
            var lines = Encoding.UTF8.GetString(memory.Body).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.That(lines[0], Does.StartWith("# seconds\tresident MB\t"));
            Assert.That(lines.Skip(1).Select(l => l.Split('\t').Length), Is.All.EqualTo(10));
            Assert.That(double.Parse(lines[^1].Split('\t')[1]), Is.GreaterThan(10), "resident megabytes");
            Assert.That(Encoding.ASCII.GetString(cpu.Body[..6]), Is.EqualTo("Nettra"), "the runtime's format");
            Assert.That(cpu.Body, Has.Length.GreaterThan(10_000), "with the names of methods");
        });
    }

    [Test]
    public async Task The_log_of_a_task_holds_its_failure_and_no_secret_and_nothing_of_others()
    {
        Upstream.Faulty(
            "PULP_MANIFEST",
            context =>
            {
                context.Response.StatusCode = 401;
                return Task.CompletedTask;
            }
        );
        var secrets = new
        {
            url = Upstream.Manifest + "?token=s3cret-in-query",
            username = "someone",
            password = "s3cret-password",
            headers = new[] { new Dictionary<string, string> { ["Authorization"] = "s3cret-header" } },
            max_retries = 0,
        };

        var (task, urls) = await SyncedWithAsync("debug-logs", secrets);
        var (other, _) = await SyncedWithAsync("logs", new { max_retries = 0 });
        var log = Encoding.UTF8.GetString((await FollowAsync((string?)urls["task_logs"])).Body);
        var shown = await Api.GetAsync(task);

        Assert.Multiple(() =>
        {
            Assert.That(log, Does.Contain("answered 401").And.Contain(task.Split('/')[^2]));
            Assert.That(log, Does.Not.Contain("s3cret").And.Not.Contain("someone"));
            Assert.That(log, Does.Not.Contain(other.Split('/')[^2]));
            Assert.That(shown.Text, Does.Contain("answered 401").And.Not.Contain("s3cret").And.Not.Contain("someone"));
        });
    }

    [Test]
    public async Task A_link_is_good_for_its_profile_and_for_an_hour()
    {
        var (task, urls) = await SyncedWithAsync("memory,logs");
        var link = (string?)urls["memory_profile"] ?? "";

        var good = await FollowAsync(link);
        var another = await FollowAsync(link.Replace("memory_profile", "task_logs"));
        var later = await FollowAsync(Regex.Replace(link, @"expires=\d", "expires=9"));
        var unsigned = await FollowAsync(link.Split('?')[0]);
        _clock.Advance(TimeSpan.FromMinutes(61));
        var expired = await FollowAsync(link);
        await Api.DeleteAsync(task);
        var renewed = await FollowAsync((string?)(await UrlsAsync(task))["memory_profile"] ?? link);

        Assert.Multiple(() =>
        {
            Assert.That(good.Code, Is.EqualTo(200));
            Assert.That((another.Code, later.Code, unsigned.Code), Is.EqualTo((403, 403, 403)));
            Assert.That(Encoding.UTF8.GetString(expired.Body), Does.Contain("Authentication expired"));
            Assert.That(renewed.Code, Is.EqualTo(403));
        });
    }

    [Test]
    public async Task Profiles_go_with_their_task()
    {
        var (task, urls) = await SyncedWithAsync("memory");
        var before = await FollowAsync((string?)urls["memory_profile"]);

        await Api.DeleteAsync(task);
        var after = await FollowAsync((string?)urls["memory_profile"]);

        Assert.That((before.Code, after.Code), Is.EqualTo((200, 404)));
    }
}
