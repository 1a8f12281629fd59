namespace Pulp.Api.Tests.Processes;

/// <summary>A process that stands still is taken for dead; when it goes on, nothing of its tasks may count.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
[Parallelizable(ParallelScope.Self)]
public sealed class PausedProcessTests(Engine engine)
{
    private string _data = "";
    private string _database = "";
    private FakeUpstream? _upstream;

    private FakeUpstream Upstream => _upstream ?? throw new InvalidOperationException("Not started.");

    [SetUp]
    public async Task SetUpAsync()
    {
        _data = Directory.CreateTempSubdirectory("pulp-pause-").FullName;
        _database = engine == Engine.Postgres ? await PostgresCluster.CreateDatabaseAsync() : "";
        _upstream = await FakeUpstream.StartAsync();
    }

    [TearDown]
    public async Task TearDownAsync()
    {
        await Upstream.DisposeAsync();
        Directory.Delete(_data, recursive: true);
    }

    /// <summary>An upstream whose last file waits until it is let go; answers when it is asked for.</summary>
    private (Task Reached, Action Release) Held(FakeUpstream upstream, string prefix)
    {
        for (var i = 0; i < 30; i++)
        {
            upstream.With($"{prefix}{i:D2}", $"{prefix} {i}");
        }

        upstream.Listed();
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        upstream.Faulty(
            $"{prefix}29",
            async context =>
            {
                reached.TrySetResult();
                await release.Task;
                await context.Response.WriteAsync($"{prefix} 29");
            }
        );
        return (reached.Task, () => release.TrySetResult());
    }

    [Test]
    public async Task A_sync_that_was_paused_longer_than_its_time_to_live_adds_nothing_to_its_successors_version()
    {
        await using var other = await FakeUpstream.StartAsync();
        var (firstReached, firstGoesOn) = Held(Upstream, "f");
        var (secondReached, secondGoesOn) = Held(other, "g");
        await using var one = await ServerProcess.ServeAsync(_data, _database, "--worker-ttl", "6");
        var repository = await one.Api.NewRepositoryAsync();
        var remote = await one.Api.NewRemoteAsync(Upstream.Manifest);
        var first = (await one.Api.PostAsync(repository + "sync/", new { remote })).Task;
        await firstReached;
        await one.PauseAsync();

        await using var two = await ServerProcess.ServeAsync(_data, _database);
        var lost = await two.Api.EndOfAsync(first);
        var otherRemote = await two.Api.NewRemoteAsync(other.Manifest);
        var second = (await two.Api.PostAsync(repository + "sync/", new { remote = otherRemote })).Task;
        await secondReached;
        await one.ContinueAsync();
        firstGoesOn();
        await one.LoggedAsync("was thought to be gone");
        secondGoesOn();
        var ended = await two.Api.EndOfAsync(second);

        await Assert.MultipleAsync(async () =>
        {
            Assert.That((string?)lost["error"]?["reason"], Is.EqualTo("Worker has gone missing."));
            Assert.That((string?)ended["state"], Is.EqualTo("completed"), ended.ToJsonString());
            var paths = await two.Api.PathsAsync(await two.Api.LatestAsync(repository));
            Assert.That(paths, Is.EqualTo(Enumerable.Range(0, 30).Select(i => $"g{i:D2}")));
        });
    }
}
