namespace Pulp.Api.Tests.Processes;

/// <summary>A PostgreSQL that goes away under load and comes back.</summary>
public sealed class OutageTests
{
    private string _data = "";

    [SetUp]
    public void SetUp()
    {
        if (!Engines.All.Contains(Engine.Postgres))
        {
            Assert.Ignore("PostgreSQL isn't among the databases of this run.");
        }

        _data = Directory.CreateTempSubdirectory("pulp-outage-").FullName;
    }

    [TearDown]
    public void TearDown()
    {
        if (_data.Length > 0)
        {
            Directory.Delete(_data, recursive: true);
        }
    }

    [Test]
    public async Task What_needs_the_database_is_refused_until_it_is_back_and_the_log_says_so_once()
    {
        await using var upstream = await FakeUpstream.StartAsync();
        upstream.With("a", "served").Listed();
        await using var postgres = await PostgresServer.StartAsync(PostgresCluster.Options);
        var database = await PostgresServer.CreateDatabaseAsync(postgres.Url);
        await using var server = await ServerProcess.ServeAsync(_data, database);
        var remote = await server.Api.NewRemoteAsync(upstream.Manifest);
        var repository = await server.Api.NewRepositoryAsync();
        await server.Api.SyncAsync(repository, remote);
        await server.Api.NewPublicationAsync(new { repository });
        var (_, path) = await server.Api.NewDistributionAsync(new { repository });
        await server.Api.GetAsync(path + "a");
        var go = new TaskCompletionSource();
        var asked = new TaskCompletionSource();
        upstream.With("b", "late").Listed();
        upstream.Faulty(
            "b",
            async context =>
            {
                asked.TrySetResult();
                await go.Task.WaitAsync(context.RequestAborted);
                await context.Response.WriteAsync("late");
            }
        );
        var task = (await server.Api.PostAsync(repository + "sync/", new { remote })).Task;
        await asked.Task;
        var before = server.Lines.Count;

        await postgres.StopAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => AskAsync(server, path, times: 25)));
        go.SetResult();
        await postgres.StartAsync();
        var ended = await server.Api.EndOfAsync(task);
        var said = server.Lines.Skip(before).Where(l => l.Contains(" warn: ") || l.Contains(" fail: ")).ToList();
        upstream.Mend("b");
        var sync = await server.Api.SyncAsync(repository, remote);

        await Assert.MultipleAsync(async () =>
        {
            Assert.That(answers.SelectMany(a => a.Refused), Is.All.EqualTo(503));
            Assert.That(
                answers.SelectMany(a => a.Served),
                Is.All.EqualTo("served"),
                "what is remembered needs no database"
            );
            Assert.That(ended["state"]?.GetValue<string>(), Is.AnyOf("completed", "failed"));
            Assert.That((string?)sync["state"], Is.EqualTo("completed"), sync.ToJsonString());
            Assert.That(
                await server.Api.PathsAsync(await server.Api.LatestAsync(repository)),
                Is.EqualTo(new[] { "a", "b" })
            );
            Assert.That(
                said.Count(l => l.Contains("The database can't be reached;")),
                Is.InRange(1, 2),
                string.Join('\n', said)
            );
            Assert.That(said, Has.Count.LessThan(10), "200 requests were refused meanwhile");
        });
    }

    private static async Task<(IReadOnlyList<int> Refused, IReadOnlyList<string> Served)> AskAsync(
        ServerProcess server,
        string path,
        int times
    )
    {
        var refused = new List<int>();
        var served = new List<string>();
        for (var i = 0; i < times; i++)
        {
            refused.Add((await server.Api.GetAsync("repositories/")).Code);
            served.Add((await server.Api.GetAsync(path + "a")).Text);
        }

        return (refused, served);
    }
}
