using Pulp.Core.Platform.Data;

namespace Pulp.Api.Tests.Processes;

/// <summary>Real processes that stand still for longer than their TTL, and go on.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
[Parallelizable(ParallelScope.Self)]
public sealed class SuspendedTests(Engine engine) : ProcessFixture(engine)
{
    [Test]
    public async Task Who_was_taken_for_gone_stops_what_it_ran()
    {
        var halfWay = StopHalfWay();
        await using var one = await ServeAsync("--worker-ttl", "6");
        var (repository, remote, task) = await SyncHalfWayAsync(one, halfWay);

        await PauseAsync(one);
        await using var two = await ServeAsync("--roles", "api,worker");
        var ended = await two.Api.EndOfAsync(task);
        await one.ContinueAsync();
        await halfWay.GivenUp;
        Upstream.Mend("f29");
        var sync = await two.Api.SyncAsync(repository, remote);

        await Assert.MultipleAsync(async () =>
        {
            Assert.That((string?)ended["error"]?["reason"], Is.EqualTo("Worker has gone missing."));
            Assert.That((string?)sync["state"], Is.EqualTo("completed"), sync.ToJsonString());
            Assert.That(await one.Api.PathsAsync(await one.Api.LatestAsync(repository)), Has.Count.EqualTo(30));
            Assert.That(
                async () => (await two.Api.GetAsync("workers/?online=true")).Results.Count,
                Is.EqualTo(4).Soon(),
                "it is there again"
            );
        });
    }

    [Test]
    public async Task Those_that_stood_still_together_leave_each_others_tasks_alone()
    {
        var halfWay = StopHalfWay();
        await using var one = await ServeAsync("--worker-ttl", "12");
        await using var two = await ServeAsync("--worker-ttl", "12", "--roles", "api");
        var (_, _, task) = await SyncHalfWayAsync(one, halfWay);
        await using var database = OpenDatabase.At(Database, Data);

        await PauseAsync(one);
        await PauseAsync(two);
        await UntilAsync(database, ages => ages.Min() > 13);
        await two.ContinueAsync();
        await UntilAsync(database, ages => ages.Min() < 5);
        await one.ContinueAsync();
        await UntilAsync(database, ages => ages.Max() < 5);
        var state = (string?)(await two.Api.GetAsync(task)).Json?["state"];

        Assert.Multiple(() =>
        {
            Assert.That(state, Is.EqualTo("running"));
            Assert.That(halfWay.GivenUp.IsCompleted, Is.False);
        });
    }

    /// <summary>Waits until the heartbeats in the database are as old as that, in seconds.</summary>
    private static async Task UntilAsync(Database database, Predicate<double[]> ages)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (true)
        {
            var beats = await database.QueryAsync<DateTimeOffset>(
                $"select last_heartbeat from core_appstatus",
                patience.Token
            );
            if (ages([.. beats.Select(b => (TimeProvider.System.GetUtcNow() - b).TotalSeconds)]))
            {
                return;
            }

            await timer.WaitForNextTickAsync(patience.Token);
        }
    }
}
