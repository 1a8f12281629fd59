using Pulp.Core.Platform.Data;
using Pulp.TestPlugins.Images;

namespace Pulp.PluginSdk.Tests;

/// <summary>A version gives its locks back before it is on disk; nobody is told of it before.</summary>
public sealed class VersionFlushTests
{
    [Test]
    public async Task A_version_is_answered_when_it_is_on_disk()
    {
        await using var postgres = await StartAsync();
        var url = await PostgresServer.CreateDatabaseAsync(postgres.Url);
        await using var database = OpenDatabase.At(url, "");
        await using var server = await ServeAsync(url);
        var repository = await NewRepositoryAsync(server.Api);
        await TagAsync(server.Api, repository, "goes");

        await HoldFlushesAsync(database);
        var removal = RemoveAsync(server.Api, repository, "goes");
        Assert.That(() => WaitingAsync(database), Is.EqualTo(1).Soon(), "somebody waits for the disk");
        var (made, isAnswered) = (await VersionAsync(database, repository), removal.IsCompleted);
        await LetFlushAsync(database);

        var answer = await removal;
        Assert.Multiple(() =>
        {
            Assert.That(made, Is.EqualTo(2), "the next version can begin");
            Assert.That(isAnswered, Is.False);
            Assert.That((answer.Code, (long?)answer.Json?["version"]), Is.EqualTo((200, 2L)), answer.Text);
        });
    }

    [Test]
    public async Task A_version_that_retention_took_meanwhile_is_answered_all_the_same()
    {
        await using var postgres = await StartAsync();
        var url = await PostgresServer.CreateDatabaseAsync(postgres.Url);
        await using var database = OpenDatabase.At(url, "");
        await using var server = await ServeAsync(url);
        var repository = await NewRepositoryAsync(server.Api);
        string[] tags = ["one", "two", "three"];
        foreach (var tag in tags)
        {
            await TagAsync(server.Api, repository, tag);
        }

        await database.ExecuteAsync(
            $"update core_repository set retain_repo_versions = {1} where pulp_id = {repository}",
            default
        );

        // The first is being flushed; the others share the next flush, before which the last of them deletes the version between.
        await HoldFlushesAsync(database);
        var removals = new List<Task<Answer>>();
        foreach (var (tag, at) in tags.Select((tag, at) => (tag, at)))
        {
            removals.Add(RemoveAsync(server.Api, repository, tag));
            Assert.That(() => VersionAsync(database, repository), Is.EqualTo(4 + at).Soon());
            Assert.That(() => WaitingAsync(database), Is.EqualTo(1).Soon());
        }

        await LetFlushAsync(database);
        var answers = await Task.WhenAll(removals);

        Assert.That(
            answers.Select(a => (a.Code, (long?)a.Json?["version"])),
            Is.EqualTo(new[] { (200, 4L), (200, 5L), (200, 6L) })
        );
    }

    private static Task<PostgresServer> StartAsync()
    {
        if (!Engines.All.Contains(Engine.Postgres))
        {
            Assert.Ignore("PostgreSQL isn't among the databases of this run.");
        }

        return PostgresServer.StartAsync("-c fsync=off -c autovacuum=off");
    }

    private static Task<TestServer> ServeAsync(string url) =>
        TestServer.StartAsync(
            Engine.Sqlite,
            settings =>
            {
                settings.Database = url;
                settings.DisabledPlugins = ["container"];
            },
            [new ImagesPlugin()]
        );

    private static Task<Answer> TagAsync(PulpClient api, Guid repository, string tag) =>
        api.SendContentAsync(HttpMethod.Put, $"/images/{repository}/manifests/{tag}", new StringContent(""));

    private static Task<Answer> RemoveAsync(PulpClient api, Guid repository, string tag) =>
        api.DeleteAsync($"/images/{repository}/manifests/{tag}");

    /// <summary>Who waits for the disk waits for this standby too, which isn't there.</summary>
    private static async Task HoldFlushesAsync(Database database)
    {
        await database.ExecuteAsync($"alter system set synchronous_standby_names = 'nobody'", default);
        await database.QueryAsync<bool>($"select pg_reload_conf()", default);
    }

    private static async Task LetFlushAsync(Database database)
    {
        await database.ExecuteAsync($"alter system reset synchronous_standby_names", default);
        await database.QueryAsync<bool>($"select pg_reload_conf()", default);
    }

    private static async Task<Guid> NewRepositoryAsync(PulpClient api)
    {
        var made = await api.PostAsync("repositories/images/image/", new { name = "flushed" });
        return Guid.Parse(((string?)made.Json?["pulp_href"] ?? made.Text).TrimEnd('/').Split('/')[^1]);
    }

    private static Task<long> WaitingAsync(Database database) =>
        database.FirstOrDefaultAsync<long>(
            $"select count(*) from pg_stat_activity where wait_event = 'SyncRep' and query like '%pg_logical_emit%'",
            default
        );

    private static Task<long> VersionAsync(Database database, Guid repository) =>
        database.FirstOrDefaultAsync<long>(
            $"select max(number) from core_repositoryversion where repository_id = {repository} and complete",
            default
        );
}
