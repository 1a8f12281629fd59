using System.Security.Cryptography;
using Npgsql;

namespace Pulp.PluginSdk.Tests;

/// <summary>A database that goes away when the file of an upload lies in its place, and its row isn't committed.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class StagedUploadOutageTests(Engine engine) : SkeletonFixture(engine)
{
    [SetUp]
    public void OnlyWithPostgres()
    {
        if (Engine != Engine.Postgres)
        {
            Assert.Ignore("SQLite is a file: it can't be out of reach.");
        }
    }

    [Test]
    public async Task What_has_come_is_there_before_and_after([Values] bool together)
    {
        var text = Guid.NewGuid().ToString();
        var id = (string?)(await Api.PostAsync("/images/uploads?owner=me&seconds=3600")).Json?["id"] ?? "";
        await Api.SendContentAsync(HttpMethod.Patch, $"/images/uploads/{id}?from=0", new StringContent(text));
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

        var failed = await CommitWithoutDatabaseAsync(id, digest, together);

        string[] files =
        [
            Path.Combine(Server.Settings.MediaRoot, "upload", "staged", id),
            // Nobody knows whether a commit that broke off counted.
            Path.Combine(Server.Settings.MediaRoot, "artifact", digest[..2], digest[2..]),
        ];
        Assert.That(failed.Code, Is.EqualTo(503), failed.Text);
        Assert.That(files.Where(File.Exists), Is.EqualTo(files));

        // The connections from before are found broken one by one.
        var committed = await CommitAsync(id, digest, together);
        for (var attempt = 0; attempt < 100 && committed.Code == 503; attempt++)
        {
            committed = await CommitAsync(id, digest, together);
        }

        Assert.That(committed.Code, Is.EqualTo(200), committed.Text);
    }

    private Task<Answer> CommitAsync(string id, string digest, bool together) =>
        Api.SendContentAsync(
            HttpMethod.Put,
            $"/images/uploads/{id}?digest=sha256:{digest}&together={together}",
            content: null
        );

    private async Task<Answer> CommitWithoutDatabaseAsync(string id, string digest, bool together)
    {
        var name = new Uri(Server.Settings.Database).AbsolutePath[1..];
        await using var admin = await ConnectAsync("postgres");
        await using var inside = await ConnectAsync(name);
        await RunAsync(inside, "begin; lock table core_artifact in share mode");
        var committing = CommitAsync(id, digest, together);
        while (
            !committing.IsCompleted
            && await RunAsync(
                inside,
                "select count(*) from pg_locks where not granted and relation = 'core_artifact'::regclass"
            )
                is not > 0L
        ) { }

        await RunAsync(admin, $"alter database {name} with allow_connections false");
        try
        {
            await RunAsync(
                admin,
                $"select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = '{name}'"
            );
            return await committing;
        }
        finally
        {
            await RunAsync(admin, $"alter database {name} with allow_connections true");
        }
    }

    private async Task<NpgsqlConnection> ConnectAsync(string database)
    {
        var url = new Uri(Server.Settings.Database);
        var connection = new NpgsqlConnection(
            $"Host={url.Host};Port={url.Port};Username=pulp;Database={database};Pooling=false"
        );
        await connection.OpenAsync();
        return connection;
    }

    private static async Task<object?> RunAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The name of the database is the test's own.
        command.CommandText = sql;
#pragma warning restore CA2100
        return await command.ExecuteScalarAsync();
    }
}
