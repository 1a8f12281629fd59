using Microsoft.Data.Sqlite;

namespace Pulp.Api.Tests.Processes;

/// <summary>An empty database and an upstream for real processes.</summary>
public abstract class ProcessFixture(Engine engine)
{
    private FakeUpstream? _upstream;

    protected Engine Engine => engine;

    protected string Data { get; private set; } = "";

    /// <summary>The URL of the database; empty for the embedded one in the data directory.</summary>
    protected string Database { get; private set; } = "";

    protected FakeUpstream Upstream => _upstream ?? throw new InvalidOperationException("Not started.");

    [SetUp]
    public async Task SetUpAsync()
    {
        Data = Directory.CreateTempSubdirectory("pulp-kill-").FullName;
        Database = engine == Engine.Postgres ? await PostgresCluster.CreateDatabaseAsync() : "";
        _upstream = await FakeUpstream.StartAsync();
    }

    [TearDown]
    public async Task TearDownAsync()
    {
        await Upstream.DisposeAsync();
        Directory.Delete(Data, recursive: true);
    }

    protected Task<ServerProcess> ServeAsync(params string[] more) => ServerProcess.ServeAsync(Data, Database, more);

    /// <summary>An upstream of which some files arrive and the rest waits.</summary>
    protected HalfWay StopHalfWay()
    {
        for (var i = 0; i < 30; i++)
        {
            Upstream.With($"f{i:D2}", $"kill {i}");
        }

        Upstream.Listed();
        var halfWay = new HalfWay();
        Upstream.Faulty("f29", halfWay.AnswerAsync);
        return halfWay;
    }

    /// <summary>A sync that has got half the way.</summary>
    protected async Task<(string Repository, string Remote, string Task)> SyncHalfWayAsync(
        ServerProcess server,
        HalfWay halfWay
    )
    {
        var remote = await server.Api.NewRemoteAsync(Upstream.Manifest);
        var repository = await server.Api.NewRepositoryAsync();
        var task = (await server.Api.PostAsync(repository + "sync/", new { remote })).Task;
        await halfWay.Reached;
        return (repository, remote, task);
    }

    /// <summary>
    /// Stops a process between its transactions: on SQLite one that is stopped within holds the only writer's lock, and everybody
    /// else stands still with it.
    /// </summary>
    protected async Task PauseAsync(ServerProcess server)
    {
        while (true)
        {
            await server.PauseAsync();
            if (Database.Length > 0 || await IsWritableAsync())
            {
                return;
            }

            await server.ContinueAsync();
        }
    }

    /// <summary>Asked without the server's own patience: others would take the stopped process for a dead one meanwhile.</summary>
    private async Task<bool> IsWritableAsync()
    {
        var file = Path.Combine(Data, "pulp.db");
        await using var connection = new SqliteConnection($"Data Source={file};Pooling=False;Default Timeout=1");
        try
        {
            await connection.OpenAsync();
            await using var begin = connection.CreateCommand();
            begin.CommandText = "begin immediate; rollback";
            await begin.ExecuteNonQueryAsync();
            return true;
        }
        catch (SqliteException)
        {
            return false;
        }
    }

    /// <summary>A file that is asked for and doesn't come.</summary>
    protected sealed class HalfWay
    {
        private readonly TaskCompletionSource _reached = new();
        private readonly TaskCompletionSource _givenUp = new();
        private readonly TaskCompletionSource _go = new();

        /// <summary>It was asked for.</summary>
        public Task Reached => _reached.Task;

        /// <summary>Who asked went away.</summary>
        public Task GivenUp => _givenUp.Task;

        /// <summary>It comes after all, as a 404.</summary>
        public void GoOn() => _go.TrySetResult();

        public async Task AnswerAsync(HttpContext context)
        {
            _reached.TrySetResult();
            try
            {
                await _go.Task.WaitAsync(context.RequestAborted);
            }
            catch (OperationCanceledException)
            {
                _givenUp.TrySetResult();
                throw;
            }

            context.Response.StatusCode = 404;
        }
    }
}
