using Npgsql;
using Pulp.Core.Platform.Settings;

namespace Pulp.Api.Tests.Repositories;

/// <summary>What could lose or mix units: two of one repository key, and clean-up and reclaim beside those who add.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class RepositoryKeyTests(Engine engine) : ApiFixture(engine)
{
    private async Task<string> HoldingAsync(params string[] units)
    {
        var repository = await Api.NewRepositoryAsync();
        await Api.CompletedAsync(await Api.PostAsync(repository + "modify/", new { add_content_units = units }));
        return repository;
    }

    private async Task<IReadOnlyList<string>> UnitsAsync(string repository)
    {
        var list = await Api.GetAsync($"content/file/files/?repository_version={await Api.LatestAsync(repository)}");
        return [.. list.Results.Select(r => (string?)r["pulp_href"] ?? "")];
    }

    [Test]
    public async Task A_unit_that_comes_replaces_the_one_of_its_key_even_where_both_are_asked_for()
    {
        var path = PulpClient.Unique();
        var old = await Api.NewFileAsync(path, "old");
        var fresh = await Api.NewFileAsync(path, "new");
        var repository = await HoldingAsync(old);

        await Api.CompletedAsync(
            await Api.PostAsync(repository + "modify/", new { add_content_units = new[] { old, fresh } })
        );

        Assert.That(await UnitsAsync(repository), Is.EqualTo(new[] { fresh }));
    }

    [Test]
    public async Task A_unit_that_comes_replaces_the_one_of_its_key_that_came_with_the_base_version()
    {
        var path = PulpClient.Unique();
        var old = await Api.NewFileAsync(path, "old base");
        var fresh = await Api.NewFileAsync(path, "new base");
        var base_version = await Api.LatestAsync(await HoldingAsync(old));
        var repository = await Api.NewRepositoryAsync();

        var task = await Api.CompletedAsync(
            await Api.PostAsync(repository + "modify/", new { base_version, add_content_units = new[] { fresh } })
        );

        Assert.That(await UnitsAsync(repository), Is.EqualTo(new[] { fresh }));
        Assert.That(
            task["reserved_resources_record"]?.AsArray().Select(r => (string?)r),
            Has.Exactly(1).StartsWith("shared:prn:file.filerepository:"),
            "the base version's repository"
        );
    }

    [Test]
    public async Task Two_units_of_one_key_that_come_together_are_refused()
    {
        var path = PulpClient.Unique();
        var one = await Api.NewFileAsync(path, "one of two");
        var two = await Api.NewFileAsync(path, "two of two");
        var repository = await Api.NewRepositoryAsync();

        var task = await Api.EndOfAsync(
            (await Api.PostAsync(repository + "modify/", new { add_content_units = new[] { one, two } })).Task
        );

        Assert.That((string?)task["error"]?["description"], Does.Contain("more than one file.file content"));
    }

    /// <summary>A sync that waits for its last file until it is let go.</summary>
    private async Task<(string Repository, string Task, Action Release)> HeldSyncAsync()
    {
        var name = PulpClient.Unique();
        Upstream.With(name, name).Listed();
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Upstream.Faulty(
            name,
            async context =>
            {
                reached.TrySetResult();
                await release.Task;
                await context.Response.WriteAsync(name);
            }
        );
        var repository = await Api.NewRepositoryAsync();
        var remote = await Api.NewRemoteAsync(Upstream.Manifest);
        var task = (await Api.PostAsync(repository + "sync/", new { remote })).Task;
        await reached.Task;
        return (repository, task, () => release.TrySetResult());
    }

    [Test]
    public async Task A_unit_that_waits_to_be_added_is_not_lost_to_an_orphan_clean_up()
    {
        var (repository, sync, release) = await HeldSyncAsync();
        var unit = await Api.NewFileAsync(PulpClient.Unique(), "waits");
        var modify = (await Api.PostAsync(repository + "modify/", new { add_content_units = new[] { unit } })).Task;

        await Api.CompletedAsync(await Api.PostAsync("orphans/cleanup/", new { orphan_protection_time = 0 }));
        release();
        var ended = await Api.EndOfAsync(modify);

        Assert.That((string?)(await Api.EndOfAsync(sync))["state"], Is.EqualTo("completed"));
        Assert.That((string?)ended["state"], Is.EqualTo("completed"), ended.ToJsonString());
        Assert.That(await UnitsAsync(repository), Does.Contain(unit));
    }

    [Test]
    public async Task A_file_that_gets_another_owner_beside_a_reclaim_stays()
    {
        if (Engine == Engine.Sqlite)
        {
            Assert.Ignore("SQLite has one writer: nothing happens beside it.");
        }

        Upstream.With("shared", PulpClient.Unique()).Listed();
        var (repository, _) = await SyncedAsync();
        await using var connection = new NpgsqlConnection(DatabaseUrl.ToConnectionString(Server.Settings.Database));
        await connection.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var own = connection.CreateCommand();
        own.CommandText = """
            with unit as (insert into core_content (pulp_id, pulp_created, pulp_last_updated, pulp_type, pulp_labels, pulp_domain_id, timestamp_of_interest)
                          select gen_random_uuid(), pulp_created, pulp_last_updated, pulp_type, pulp_labels, pulp_domain_id, timestamp_of_interest
                            from core_content limit 1 returning pulp_id)
            insert into core_contentartifact (pulp_id, content_id, artifact_id, relative_path)
            select gen_random_uuid(), unit.pulp_id, f.artifact_id, 'other' from unit, core_contentartifact f
             where f.relative_path = 'shared'
            """;
        await own.ExecuteNonQueryAsync();

        var reclaim = (
            await Api.PostAsync("repositories/reclaim_space/", new { repo_hrefs = new[] { repository } })
        ).Task;
        await using var waits = connection.CreateCommand();
        waits.CommandText =
            "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
        Assert.That(async () => (long?)await waits.ExecuteScalarAsync(), Is.GreaterThan(0).Soon());
        await transaction.CommitAsync();
        var ended = await Api.EndOfAsync(reclaim);

        own.CommandText =
            "select count(*) from core_contentartifact f join core_artifact a on a.pulp_id = f.artifact_id where f.relative_path in ('shared', 'other')";
        Assert.That((string?)ended["state"], Is.EqualTo("completed"), ended.ToJsonString());
        Assert.That(await own.ExecuteScalarAsync(), Is.EqualTo(2L));
    }
}
