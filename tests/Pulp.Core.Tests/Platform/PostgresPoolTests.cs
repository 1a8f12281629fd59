using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using NUnit.Framework;
using Pulp.Core.Platform.Data;
using Pulp.Core.Platform.Settings;
using Pulp.PluginSdk.Testing;

namespace Pulp.Core.Tests.Platform;

/// <summary>How many connections a process has at once.</summary>
[TestFixtureSource(nameof(Postgres))]
public sealed class PostgresPoolTests(Engine engine) : DatabaseFixture(engine)
{
    /// <summary>More than any of the limits.</summary>
    private const int AtOnce = 60;

    private static IEnumerable<Engine> Postgres => Engines.All.Where(e => e == Engine.Postgres);

    [Test]
    public async Task A_process_takes_no_more_connections_than_several_of_them_can_have() =>
        Assert.That(await ConnectionsAsync(Database), Is.InRange(2, 30));

    [Test]
    public async Task The_address_can_say_how_many_there_are()
    {
        var url = await PostgresCluster.CreateDatabaseAsync();
        var settings = new NpgsqlConnectionStringBuilder(DatabaseUrl.ToConnectionString(url)) { MaxPoolSize = 3 };
        await using var narrow = new PostgresDatabase(
            settings.ToString(),
            TimeSpan.FromMinutes(5),
            TimeProvider.System,
            NullLogger<Database>.Instance
        );

        Assert.That(await ConnectionsAsync(narrow), Is.InRange(2, 3));
    }

    /// <summary>Asks many things at once, each of which takes a while, and answers on how many connections.</summary>
    private static async Task<int> ConnectionsAsync(Database database)
    {
        var asked = await Task.WhenAll(
            Enumerable
                .Range(0, AtOnce)
                .Select(_ =>
                    database.FirstOrDefaultAsync<string>(
                        $"select cast(pg_backend_pid() as text) from (select pg_sleep(0.1)) held",
                        CancellationToken.None
                    )
                )
        );
        return asked.Select(p => int.Parse(p ?? "", CultureInfo.InvariantCulture)).Distinct().Count();
    }
}
