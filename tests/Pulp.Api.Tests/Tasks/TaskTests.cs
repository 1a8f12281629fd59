namespace Pulp.Api.Tests.Tasks;

[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class TaskTests(Engine engine) : ApiFixture(engine)
{
    /// <summary>A sync whose upstream waits until the test lets it go on.</summary>
    private async Task<(string Repository, string Task, TaskCompletionSource Go)> SlowSyncAsync()
    {
        var go = new TaskCompletionSource();
        var asked = new TaskCompletionSource();
        Upstream.Faulty(
            "PULP_MANIFEST",
            async context =>
            {
                asked.TrySetResult();
                await go.Task.WaitAsync(context.RequestAborted);
                context.Response.StatusCode = 404;
            }
        );
        var remote = await Api.NewRemoteAsync(Upstream.Manifest, more: new { max_retries = 0 });
        var repository = await Api.NewRepositoryAsync();
        var task = (await Api.PostAsync(repository + "sync/", new { remote })).Task;
        await asked.Task;
        return (repository, task, go);
    }

    [Test]
    public async Task A_running_task_is_canceled_promptly_and_leaves_nothing()
    {
        var (repository, task, go) = await SlowSyncAsync();
        var running = await Api.GetAsync(task);

        var answer = await Api.PatchAsync(task, new { state = "canceled" });
        var end = await Api.EndOfAsync(task);
        go.SetResult();

        await Assert.MultipleAsync(async () =>
        {
            Assert.That((string?)running.Json?["state"], Is.EqualTo("running"));
            Assert.That((string?)running.Json?["worker"], Does.StartWith("/pulp/api/v3/workers/"));
            Assert.That(answer.Code, Is.EqualTo(200));
            Assert.That((string?)end["state"], Is.EqualTo("canceled"));
            Assert.That(end["worker"], Is.Null);
            Assert.That((await Api.GetAsync(repository + "versions/")).Results, Has.Count.EqualTo(1));
        });
    }

    [Test]
    public async Task A_waiting_task_is_canceled_at_once_and_those_behind_it_go_on()
    {
        var (repository, first, go) = await SlowSyncAsync();
        var second = (
            await Api.PostAsync(
                repository + "modify/",
                new { add_content_units = new[] { await Api.NewFileAsync("a", "a") } }
            )
        ).Task;
        var third = (
            await Api.PostAsync(
                repository + "modify/",
                new { add_content_units = new[] { await Api.NewFileAsync("b", "b") } }
            )
        ).Task;

        var waiting = (string?)(await Api.GetAsync(second)).Json?["state"];
        await Api.PatchAsync(second, new { state = "canceled" });
        var canceled = (string?)(await Api.GetAsync(second)).Json?["state"];
        go.SetResult();
        await Api.EndOfAsync(first);
        await Api.EndOfAsync(third);

        await Assert.MultipleAsync(async () =>
        {
            Assert.That(waiting, Is.EqualTo("waiting"));
            Assert.That(canceled, Is.EqualTo("canceled"));
            Assert.That(await Api.PathsAsync(await Api.LatestAsync(repository)), Is.EqualTo(new[] { "b" }));
        });
    }

    [Test]
    public async Task Tasks_on_one_repository_run_in_the_order_they_came()
    {
        var repository = await Api.NewRepositoryAsync();
        var files = new List<string>();
        for (var i = 0; i < 8; i++)
        {
            files.Add(await Api.NewFileAsync($"o{i}", $"order {i}"));
        }

        var tasks = new List<string>();
        foreach (var file in files)
        {
            tasks.Add((await Api.PostAsync(repository + "modify/", new { add_content_units = new[] { file } })).Task);
        }

        var created = new List<string>();
        foreach (var task in tasks)
        {
            created.Add((string?)(await Api.EndOfAsync(task))["created_resources"]?[0] ?? "");
        }

        Assert.That(created, Is.EqualTo(Enumerable.Range(1, 8).Select(i => $"{repository}versions/{i}/")));
    }

    [Test]
    public async Task A_finished_task_can_not_be_canceled_but_deleted()
    {
        var task = (await Api.PostAsync("orphans/cleanup/")).Task;
        await Api.EndOfAsync(task);

        var cancel = await Api.PatchAsync(task, new { state = "canceled" });
        var wrong = await Api.PatchAsync(task, new { state = "running" });
        var delete = await Api.DeleteAsync(task);

        await Assert.MultipleAsync(async () =>
        {
            Assert.That(cancel.Code, Is.EqualTo(409));
            Assert.That((string?)cancel.Json?["state"], Is.EqualTo("completed"));
            Assert.That(wrong.Code, Is.EqualTo(400));
            Assert.That(delete.Code, Is.EqualTo(204));
            Assert.That((await Api.GetAsync(task)).Code, Is.EqualTo(404));
        });
    }

    [Test]
    public async Task The_correlation_id_goes_from_the_request_into_the_task()
    {
        var id = Guid.NewGuid().ToString("N");

        var answer = await Api.SendContentAsync(
            HttpMethod.Post,
            "orphans/cleanup/",
            new StringContent("{}", Encoding.UTF8, "application/json"),
            request => request.Headers.Add("Correlation-ID", id)
        );

        var byId = await Api.GetAsync($"tasks/?logging_cid={id}");
        Assert.Multiple(() =>
        {
            Assert.That(answer.Headers.GetValues("Correlation-ID"), Is.EqualTo(new[] { id }));
            Assert.That(byId.Results.Select(t => (string?)t["pulp_href"]), Is.EqualTo(new[] { answer.Task }));
        });
    }

    [Test]
    public async Task Tasks_are_filtered_by_what_they_reserve_and_make()
    {
        var repository = await Api.NewRepositoryAsync();
        var modify = await Api.PostAsync(
            repository + "modify/",
            new { add_content_units = new[] { await Api.NewFileAsync("f", "filter") } }
        );
        var version = (string?)(await Api.CompletedAsync(modify))["created_resources"]?[0];

        var exclusive = await Api.GetAsync($"tasks/?exclusive_resources={repository}");
        var shared = await Api.GetAsync($"tasks/?shared_resources={repository}");
        var created = await Api.GetAsync($"tasks/?created_resources={version}");
        var named = await Api.GetAsync(
            $"tasks/?name__contains=add_and_remove&state__in=completed,failed&exclusive_resources={repository}"
        );

        var other = await Api.NewRepositoryAsync();
        var held = (await Api.GetAsync(modify.Task)).Json?["reserved_resources_record"]?.AsArray();
        var domain = ((string?)held?[^1] ?? "").Replace("shared:", "", StringComparison.Ordinal);
        var both = await Api.GetAsync($"tasks/?reserved_resources__in={domain},{repository},{repository}");
        var oneOfTwo = await Api.GetAsync($"tasks/?reserved_resources__in={repository},{other}");

        Assert.Multiple(() =>
        {
            Assert.That(both.Results.Select(t => (string?)t["pulp_href"]), Is.EqualTo(new[] { modify.Task }));
            Assert.That(oneOfTwo.Results, Is.Empty);
            Assert.That(exclusive.Results.Select(t => (string?)t["pulp_href"]), Is.EqualTo(new[] { modify.Task }));
            Assert.That(shared.Results, Is.Empty);
            Assert.That(created.Results.Select(t => (string?)t["pulp_href"]), Is.EqualTo(new[] { modify.Task }));
            Assert.That(named.Results, Has.Count.EqualTo(1));
        });
    }

    [Test]
    public async Task Old_tasks_are_purged()
    {
        var task = (await Api.PostAsync("orphans/cleanup/")).Task;
        await Api.EndOfAsync(task);
        var kept = await Api.CompletedAsync(await Api.PostAsync("tasks/purge/"));
        var still = (await Api.GetAsync(task)).Code;

        var purge = await Api.CompletedAsync(
            await Api.PostAsync(
                "tasks/purge/",
                new
                {
                    finished_before = TimeProvider.System.GetUtcNow().AddMinutes(5).ToString("yyyy-MM-ddTHH:mm:ssZ"),
                    states = new[] { "completed" },
                }
            )
        );

        await Assert.MultipleAsync(async () =>
        {
            Assert.That((string?)kept["state"], Is.EqualTo("completed"));
            Assert.That(still, Is.EqualTo(200), "by default thirty days are kept");
            Assert.That((int?)purge["progress_reports"]?[0]?["done"], Is.GreaterThanOrEqualTo(1));
            Assert.That((await Api.GetAsync(task)).Code, Is.EqualTo(404));
        });
    }

    [TestCase("failed")]
    [TestCase("canceled")]
    public async Task What_a_sync_had_not_completed_ends_as_the_sync_does(string state)
    {
        var asked = new TaskCompletionSource();
        var go = new TaskCompletionSource();
        Upstream.With("a", "a").Listed();
        Upstream.Faulty(
            "a",
            async context =>
            {
                asked.TrySetResult();
                await go.Task.WaitAsync(context.RequestAborted);
                context.Response.StatusCode = 404;
            }
        );
        var remote = await Api.NewRemoteAsync(Upstream.Manifest, more: new { max_retries = 0 });
        var task = (await Api.PostAsync(await Api.NewRepositoryAsync() + "sync/", new { remote })).Task;
        await asked.Task;

        if (state == "canceled")
        {
            await Api.PatchAsync(task, new { state });
        }
        else
        {
            go.SetResult();
        }

        var ended = await Api.EndOfAsync(task);
        var reports = (ended["progress_reports"]?.AsArray() ?? []).ToDictionary(
            r => (string?)r?["code"] ?? "",
            r => (string?)r?["state"]
        );
        Assert.Multiple(() =>
        {
            Assert.That((string?)ended["state"], Is.EqualTo(state));
            Assert.That(reports["sync.downloading.metadata"], Is.EqualTo("completed"), "that was done");
            Assert.That(reports["sync.downloading.artifacts"], Is.EqualTo(state));
            Assert.That(reports["associating.content"], Is.EqualTo(state));
        });
    }

    [TestCase("{\"states\": null}", "This field may not be null.")]
    [TestCase("{\"states\": \"completed\"}", "Expected a list of items but got type \"str\".")]
    [TestCase("{\"states\": 5}", "Expected a list of items but got type \"int\".")]
    [TestCase("{\"states\": [\"running\"]}", "\"running\" is not a valid choice.")]
    [TestCase("{\"states\": [\"completed\", null, 1]}", "\"None\" is not a valid choice.")]
    [TestCase("{\"states\": [[\"completed\"]]}", "\"['completed']\" is not a valid choice.")]
    [TestCase("{\"states\": {\"junk\": 1}}", "\"junk\" is not a valid choice.")]
    public async Task Purging_states_that_are_none_is_refused(string body, string message)
    {
        var answer = await Api.RawAsync(HttpMethod.Post, "tasks/purge/", body);

        Assert.Multiple(() =>
        {
            Assert.That(answer.Code, Is.EqualTo(400), answer.Text);
            Assert.That((string?)answer.Json?["states"]?[0], Is.EqualTo(message));
        });
    }

    [Test]
    public async Task Workers_are_listed_and_online()
    {
        var online = await Api.GetAsync("workers/?online=true");
        var missing = await Api.GetAsync("workers/?missing=true");

        Assert.Multiple(() =>
        {
            Assert.That(online.Results, Has.Count.EqualTo(Server.Settings.Workers));
            Assert.That(missing.Results, Is.Empty);
        });
    }

    [Test]
    public async Task Canceling_a_group_ends_those_of_its_tasks_that_run_and_those_that_wait()
    {
        var never = new TaskCompletionSource();
        var asked = new TaskCompletionSource();
        string[] places = ["one/PULP_MANIFEST", "two/PULP_MANIFEST", "three/PULP_MANIFEST", "four/PULP_MANIFEST"];
        foreach (var place in places)
        {
            Upstream.Faulty(
                place,
                context =>
                {
                    asked.TrySetResult();
                    return never.Task.WaitAsync(context.RequestAborted);
                }
            );
        }

        var remote = await Api.NewRemoteAsync(Upstream.Manifest.Replace("PULP_MANIFEST", ""), "on_demand");
        var source = new
        {
            name = PulpClient.Unique(),
            remote,
            paths = places,
        };
        var refresh = await Api.PostAsync((await Api.PostAsync("acs/file/file/", source)).Href + "refresh/");
        var group = (string?)refresh.Json?["task_group"] ?? "";
        await asked.Task;

        var nonsense = await Api.PatchAsync(group, new { state = "completed" });
        var canceled = await Api.PatchAsync(group, new { state = "canceled" });
        foreach (var task in canceled.Json?["tasks"]?.AsArray() ?? [])
        {
            await Api.EndOfAsync((string?)task?["pulp_href"] ?? "");
        }

        var again = await Api.PatchAsync(group, new { state = "canceled" });

        Assert.Multiple(() =>
        {
            Assert.That((nonsense.Code, canceled.Code, again.Code), Is.EqualTo((400, 200, 409)));
            Assert.That((int?)again.Json?["canceled"], Is.EqualTo(places.Length), again.Text);
        });
    }
}
