namespace Pulp.Api.Tests.Processes;

/// <summary>Real processes, killed at bad moments.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
[Parallelizable(ParallelScope.Self)]
public sealed class KillTests(Engine engine) : ProcessFixture(engine)
{
    [Test]
    public async Task After_kill_in_the_middle_of_a_sync_the_task_has_failed_and_the_next_sync_is_whole()
    {
        var halfWay = StopHalfWay();
        string repository,
            remote,
            task,
            behind;
        await using (var server = await ServeAsync())
        {
            remote = await server.Api.NewRemoteAsync(Upstream.Manifest);
            repository = await server.Api.NewRepositoryAsync();
            task = (await server.Api.PostAsync(repository + "sync/", new { remote })).Task;
            behind = (
                await server.Api.PostAsync(repository + "modify/", new { remove_content_units = new[] { "*" } })
            ).Task;
            await halfWay.Reached;
            await server.KillAsync();
        }

        var tasks = Path.Combine(Data, "tmp", "tasks");
        var leftBefore = Directory.GetDirectories(tasks).Length;
        Upstream.Mend("f29");
        await using var again = await ServeAsync();
        var ended = await again.Api.EndOfAsync(task);
        var next = await again.Api.EndOfAsync(behind);
        var versions = (await again.Api.GetAsync(repository + "versions/")).Results.Count;
        var sync = await again.Api.SyncAsync(repository, remote);

        await Assert.MultipleAsync(async () =>
        {
            Assert.That((string?)ended["state"], Is.EqualTo("failed"));
            Assert.That((string?)ended["error"]?["reason"], Is.EqualTo("Worker has gone missing."));
            Assert.That((string?)next["state"], Is.EqualTo("completed"), "what waited behind it goes on");
            Assert.That(versions, Is.EqualTo(1), "nothing half-made is left");
            Assert.That(leftBefore, Is.EqualTo(1));
            Assert.That(Directory.GetDirectories(tasks), Is.Empty);
            Assert.That((string?)sync["state"], Is.EqualTo("completed"), sync.ToJsonString());
            Assert.That(await again.Api.PathsAsync(await again.Api.LatestAsync(repository)), Has.Count.EqualTo(30));
        });
    }

    [Test]
    public async Task Another_process_takes_over_when_the_worker_is_killed()
    {
        var halfWay = StopHalfWay();
        await using var api = await ServeAsync("--roles", "api,content");
        await using var worker = await ServeAsync("--roles", "content,worker");
        var remote = await api.Api.NewRemoteAsync(Upstream.Manifest);
        var repository = await api.Api.NewRepositoryAsync();
        var task = (await api.Api.PostAsync(repository + "sync/", new { remote })).Task;
        await halfWay.Reached;

        await worker.KillAsync();

        var ended = await api.Api.EndOfAsync(task);
        Assert.Multiple(() =>
        {
            Assert.That((string?)ended["state"], Is.EqualTo("failed"));
            Assert.That((string?)ended["error"]?["reason"], Is.EqualTo("Worker has gone missing."));
        });
    }

    [Test]
    public async Task What_one_process_publishes_every_other_serves()
    {
        Upstream.With("a", "shared").Listed();
        await using var one = await ServeAsync();
        // It is told: by itself it looks a sixth of that later.
        await using var two = await ServeAsync("--roles", "content", "--worker-ttl", "600");
        var remote = await one.Api.NewRemoteAsync(Upstream.Manifest);
        var repository = await one.Api.NewRepositoryAsync();
        await one.Api.SyncAsync(repository, remote);
        await one.Api.NewPublicationAsync(new { repository });
        var (distribution, path) = await one.Api.NewDistributionAsync(new { repository });

        Assert.That(async () => (await two.Api.GetAsync(path + "a")).Text, Is.EqualTo("shared").Soon());
        await one.Api.CompletedAsync(await one.Api.DeleteAsync(distribution));
        Assert.That(async () => (await two.Api.GetAsync(path + "a")).Code, Is.EqualTo(404).Soon());
    }

    [Test]
    public async Task On_SIGTERM_a_running_task_gets_its_grace_and_the_process_ends_cleanly()
    {
        var halfWay = StopHalfWay();
        string task;
        await using (var server = await ServeAsync("--task-grace-interval", "1"))
        {
            var remote = await server.Api.NewRemoteAsync(Upstream.Manifest);
            task = (await server.Api.PostAsync(await server.Api.NewRepositoryAsync() + "sync/", new { remote })).Task;
            await halfWay.Reached;

            Assert.That(await server.TerminateAsync(), Is.Zero);
        }

        await using var again = await ServeAsync();
        var ended = await again.Api.EndOfAsync(task);
        Assert.That((string?)ended["error"]?["reason"], Is.EqualTo("Aborted during worker shutdown."));
    }

    [Test]
    public async Task A_burst_worker_drains_the_queue_and_ends()
    {
        string task;
        await using (var server = await ServeAsync("--roles", "api"))
        {
            task = (await server.Api.PostAsync("orphans/cleanup/")).Task;
        }

        var (code, _, errors) = await ServerProcess.RunAsync(
            "worker",
            "--burst",
            "--data-dir",
            Data,
            "--database",
            Database
        );

        await using var again = await ServeAsync("--roles", "api");
        await Assert.MultipleAsync(async () =>
        {
            Assert.That(code, Is.Zero, errors);
            Assert.That((string?)(await again.Api.GetAsync(task)).Json?["state"], Is.EqualTo("completed"));
        });
    }

    [Test]
    public async Task A_process_that_can_not_store_a_tasks_end_stops_all_the_same_and_the_next_one_ends_the_task()
    {
        var halfWay = StopHalfWay();
        string task;
        await using (var server = await ServeAsync("--task-grace-interval", "1"))
        {
            (_, _, task) = await SyncHalfWayAsync(server, halfWay);
            await using var database = OpenDatabase.At(Database, Data);
            await database.InTransactionAsync(
                async tx =>
                {
                    // Nobody else gets at the tasks until the server has gone. SQLite's transaction is lock enough.
                    if (tx.IsPostgres)
                    {
                        await tx.ExecuteAsync($"lock table core_task in access exclusive mode", CancellationToken.None);
                    }

                    return await server.TerminateAsync();
                },
                CancellationToken.None
            );
        }

        await using var again = await ServeAsync();
        var ended = await again.Api.EndOfAsync(task);
        Assert.That((string?)ended["error"]?["reason"], Is.EqualTo("Worker has gone missing."));
    }
}
