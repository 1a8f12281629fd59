using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Pulp.Core.Platform.Data;
using Pulp.Core.Platform.Settings;
using Pulp.Core.Tasks;
using Pulp.PluginSdk.Data;

namespace Pulp.Api.Tests.Tasks;

/// <summary>Whatever happens to a task, it ends, and nothing waits behind it for ever.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class TaskFaultTests(Engine engine) : ApiFixture(engine)
{
    private Database Database => Server.Services.GetRequiredService<Database>();

    // A heartbeat a second.
    protected override void Configure(PulpSettings settings) => settings.WorkerTtl = 3;

    /// <summary>A sync that has read its manifest, and waits until the test lets it go on.</summary>
    private async Task<(string Repository, string Task, TaskCompletionSource Go)> HalfWayAsync()
    {
        var go = new TaskCompletionSource();
        var asked = new TaskCompletionSource();
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
        var repository = await Api.NewRepositoryAsync();
        var task = (await Api.PostAsync(repository + "sync/", new { remote })).Task;
        await asked.Task;
        return (repository, task, go);
    }

    private static Guid IdOf(string href) => Guid.Parse(href.TrimEnd('/').Split('/')[^1]);

    [Test]
    public async Task What_a_process_sends_that_was_taken_for_dead_is_done_nevertheless()
    {
        var repository = await Api.NewRepositoryAsync();
        await Server.ExecuteAsync("delete from core_appstatus");

        var answer = await Api.PatchAsync(repository, new { description = "sent meanwhile" });
        var ended = await Api.EndOfAsync(answer.Task);

        Assert.That((string?)ended["state"], Is.EqualTo("completed"), answer.Text);
        Assert.That((string?)(await Api.GetAsync(repository)).Json?["description"], Is.EqualTo("sent meanwhile"));
    }

    [Test]
    public async Task A_task_whose_working_directory_was_removed_ends()
    {
        var (repository, task, go) = await HalfWayAsync();

        Directory.Delete(Path.Combine(Server.Settings.DataDir, "tmp", "tasks", IdOf(task).ToString()), recursive: true);
        go.SetResult();
        var ended = await Api.EndOfAsync(task);
        var next = await Api.PostAsync(repository + "modify/", new { remove_content_units = new[] { "*" } });

        await Assert.MultipleAsync(async () =>
        {
            Assert.That((string?)ended["state"], Is.EqualTo("failed"));
            Assert.That((string?)(await Api.EndOfAsync(next.Task))["state"], Is.EqualTo("completed"));
        });
    }

    [Test]
    public async Task An_end_that_can_not_be_stored_at_once_is_stored_later()
    {
        var (_, task, go) = await HalfWayAsync();

        await RefuseWritesAsync();
        go.SetResult();
        // It is at its end, which nobody can store now.
        Assert.That(async () => await WorkingDirectoryIsThereAsync(task), Is.False.Soon());
        Assert.That(
            (await Api.PostAsync("repositories/file/file/", new { name = "refused" })).Code,
            Is.GreaterThan(499)
        );
        await AllowWritesAsync();

        Assert.That((string?)(await Api.EndOfAsync(task))["state"], Is.EqualTo("failed"));
    }

    private Task<bool> WorkingDirectoryIsThereAsync(string task) =>
        Task.FromResult(Directory.Exists(Path.Combine(Server.Settings.DataDir, "tmp", "tasks", IdOf(task).ToString())));

    [Test]
    public async Task A_running_task_without_a_process_is_failed()
    {
        var task = await AddAsync(worker: null, "{}");

        var ended = await Api.EndOfAsync($"tasks/{task}/");

        Assert.That((string?)ended["error"]?["reason"], Is.EqualTo("Worker has gone missing."));
    }

    [Test]
    public async Task An_immediate_task_that_was_stored_and_never_started_is_run_all_the_same()
    {
        var task = await AddAsync(
            Server.Services.GetRequiredService<ProcessIdentity>().ApiId,
            """{"finished_before": "2000-01-01T00:00:00Z", "states": []}"""
        );

        Server.Services.GetRequiredService<UnstartedTasks>().NeverStarted(task);

        Assert.That((string?)(await Api.EndOfAsync($"tasks/{task}/"))["state"], Is.EqualTo("completed"));
    }

    [Test]
    public async Task A_cancellation_that_nobody_was_told_of_is_noticed()
    {
        var (_, task, go) = await HalfWayAsync();

        await Database.ExecuteAsync(
            $"update core_task set state = 'canceling' where pulp_id = {IdOf(task)}",
            CancellationToken.None
        );
        var ended = await Api.EndOfAsync(task);
        go.SetResult();

        Assert.That((string?)ended["state"], Is.EqualTo("canceled"));
    }

    [Test]
    public async Task A_claim_that_was_given_back_while_it_was_cancelled_has_ended()
    {
        var worker = Server.Services.GetRequiredService<Heartbeats>().Rows.First(r => r.AppType == "worker").Id;
        var task = await AddAsync(worker, "{}", "canceling");

        await Server.Services.GetRequiredService<UnstartedTasks>().GiveBackAsync(worker, CancellationToken.None);

        Assert.That((string?)(await Api.GetAsync($"tasks/{task}/")).Json?["state"], Is.EqualTo("canceled"));
    }

    /// <summary>A task that counts as running.</summary>
    private async Task<Guid> AddAsync(Guid? worker, string args, string state = "running")
    {
        var id = Guid.CreateVersion7();
        var now = TimeProvider.System.GetUtcNow();
        await Database.ExecuteAsync(
            $"""
            insert into core_task (pulp_id, pulp_created, pulp_last_updated, state, name, logging_cid, enc_args, started_at,
                                   worker_id, reserved_resources_record, immediate, blocked_by, unblocked_at)
            values ({id}, {now}, {now}, {state}, 'pulpcore.app.tasks.purge.purge', '', {args}, {now},
                    {worker}, {new JsonText("[]")}, {true}, 0, {now})
            """,
            CancellationToken.None
        );
        return id;
    }

    /// <summary>The database has become read-only, as after a failover.</summary>
    private Task RefuseWritesAsync() =>
        Engine == Engine.Postgres
            ? OnServerAsync("alter database {0} set default_transaction_read_only = on")
            : Database.ExecuteAsync($"pragma query_only = on", CancellationToken.None);

    private Task AllowWritesAsync() =>
        Engine == Engine.Postgres
            ? OnServerAsync("alter database {0} set default_transaction_read_only = off")
            : Database.ExecuteAsync($"pragma query_only = off", CancellationToken.None);

    /// <summary>Changes the database and ends all its connections: the change counts for new ones.</summary>
    private async Task OnServerAsync(string statement)
    {
        var own = new NpgsqlConnectionStringBuilder(DatabaseUrl.ToConnectionString(Server.Settings.Database));
        var name = own.Database;
        own.Database = "postgres";
        await using var connection = new NpgsqlConnection(own.ToString());
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The name was made by the test
        command.CommandText =
            string.Format(System.Globalization.CultureInfo.InvariantCulture, statement, name)
            + $"; select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'";
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
    }
}
