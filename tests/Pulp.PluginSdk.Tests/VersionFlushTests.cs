using Pulp.Core.Platform.Data;
using Pulp.TestPlugins.Images;

namespace Pulp.PluginSdk.Tests;

/// <summary>A version gives its locks back before it is on disk; nobody is told of it before.</summary>
public sealed class VersionFlushTests
{
    [Test]
    public async Task A_version_is_answered_when_it_is_on_disk()
    {
        if (!Engines.All.Contains(Engine.Postgres))
        {
            Assert.Ignore("PostgreSQL isn't among the databases of this run.");
        }

        await using var postgres = await PostgresServer.StartAsync("-c fsync=off -c autovacuum=off");
        var url = await PostgresServer.CreateDatabaseAsync(postgres.Url);
        await using var database = OpenDatabase.At(url, "");
        await using var server = await TestServer.StartAsync(
            Engine.Sqlite,
            settings =>
            {
                settings.Database = url;
                settings.DisabledPlugins = ["container"];
            },
            [new ImagesPlugin()]
        );
        var repository = await NewRepositoryAsync(server.Api);
        await server.Api.SendContentAsync(
            HttpMethod.Put,
            $"/images/{repository}/manifests/goes",
            new StringContent("")
        );

        // Who waits for the disk waits for this standby too, which isn't there.
        await database.ExecuteAsync($"alter system set synchronous_standby_names = 'nobody'", default);
        await database.QueryAsync<bool>($"select pg_reload_conf()", default);
        var removal = server.Api.DeleteAsync($"/images/{repository}/manifests/goes");
        Assert.That(() => WaitingAsync(database), Is.EqualTo(1).Soon(), "somebody waits for the disk");
        var (made, isAnswered) = (await VersionAsync(database, repository), removal.IsCompleted);
        await database.ExecuteAsync($"alter system reset synchronous_standby_names", default);
        await database.QueryAsync<bool>($"select pg_reload_conf()", default);

        var answer = await removal;
        Assert.Multiple(() =>
        {
            Assert.That(made, Is.EqualTo(2), "the next version can begin");
            Assert.That(isAnswered, Is.False);
            Assert.That((answer.Code, (long?)answer.Json?["version"]), Is.EqualTo((200, 2L)), answer.Text);
        });
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
