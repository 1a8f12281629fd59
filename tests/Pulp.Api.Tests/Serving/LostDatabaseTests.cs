using System.Security.Cryptography;
using Npgsql;

namespace Pulp.Api.Tests.Serving;

/// <summary>A database that can't be reached while a file is on its way from upstream to a client.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class LostDatabaseTests(Engine engine) : ApiFixture(engine)
{
    private string DatabaseName => new Uri(Server.Settings.Database).AbsolutePath[1..];

    [SetUp]
    public void OnlyWithPostgres()
    {
        if (Engine != Engine.Postgres)
        {
            Assert.Ignore("SQLite is a file: it can't be out of reach.");
        }
    }

    private async Task AsAdminAsync(string sql)
    {
        var url = new Uri(Server.Settings.Database);
        await using var connection = new NpgsqlConnection(
            $"Host={url.Host};Port={url.Port};Username=pulp;Database=postgres;Pooling=false"
        );
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The name of the database is the test's own.
        command.CommandText = sql;
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
    }

    private async Task ForbidAsync()
    {
        await AsAdminAsync($"alter database {DatabaseName} with allow_connections false");
        await AsAdminAsync($"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{DatabaseName}'");
    }

    private Task AllowAsync() => AsAdminAsync($"alter database {DatabaseName} with allow_connections true");

    private async Task<(string Path, byte[] Bytes)> OnDemandAsync()
    {
        var bytes = RandomNumberGenerator.GetBytes(300_000);
        Upstream.With("file", bytes).Listed();
        var (repository, _) = await SyncedAsync("on_demand", new { max_retries = 0 });
        await Api.NewPublicationAsync(new { repository });
        return ((await Api.NewDistributionAsync(new { repository })).Path + "file", bytes);
    }

    [Test]
    public async Task A_file_that_came_whole_is_served_although_it_cannot_be_kept()
    {
        var (path, bytes) = await OnDemandAsync();
        Upstream.Faulty(
            "file",
            async context =>
            {
                await ForbidAsync();
                context.Response.ContentLength = bytes.Length;
                await context.Response.Body.WriteAsync(bytes);
            }
        );

        var got = await Api.Http.GetByteArrayAsync(path);
        await AllowAsync();

        Assert.That(got.AsSpan().SequenceEqual(bytes));
    }

    [Test]
    public async Task A_database_that_takes_no_connections_is_one_that_is_away()
    {
        var (path, _) = await OnDemandAsync();
        await ForbidAsync();

        // The connections that were open before are found broken, each by one request; then new ones are refused.
        var refused = new List<int>();
        for (var i = 0; i < 50; i++)
        {
            refused.Add((await Api.GetAsync("repositories/")).Code);
        }

        await AllowAsync();
        var back = await Api.Http.GetAsync(path);

        Assert.That(refused, Is.All.EqualTo(503));
        Assert.That((int)back.StatusCode, Is.EqualTo(200));
    }

    [Test]
    public async Task A_source_that_fails_meanwhile_is_not_called_not_found()
    {
        var (path, _) = await OnDemandAsync();
        Upstream.Faulty(
            "file",
            async context =>
            {
                await ForbidAsync();
                context.Response.ContentLength = 10;
                await context.Response.Body.WriteAsync(new byte[10]);
            }
        );

        var failed = await Api.GetAsync(path);
        await AllowAsync();

        Assert.That(failed.Code, Is.EqualTo(503));
        Assert.That(failed.Headers.GetValues("Retry-After"), Is.EqualTo(new[] { "5" }));
    }
}
