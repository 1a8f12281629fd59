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
        await using var narrow = await NarrowAsync();

        Assert.That(await ConnectionsAsync(narrow), Is.InRange(2, 3));
    }

    /// <summary>As where each of many creations looks at a policy that isn't in memory any more.</summary>
    [Test]
    public async Task Transactions_leave_a_connection_to_what_they_ask_outside_of_themselves()
    {
        await using var narrow = await NarrowAsync();
        var (begun, asked) = (new SemaphoreSlim(0), new TaskCompletionSource());
        var transactions = Enumerable
            .Range(0, 8)
            .Select(_ =>
                narrow.InTransactionAsync(
                    async tx =>
                    {
                        begun.Release();
                        await asked.Task;
                        return true;
                    },
                    CancellationToken.None
                )
            )
            .ToList();
        await begun.WaitAsync();
        await begun.WaitAsync();

        var answer = await narrow.FirstOrDefaultAsync<long>($"select 1", CancellationToken.None);
        asked.SetResult();
        await Task.WhenAll(transactions);

        Assert.That(answer, Is.EqualTo(1));
    }

    /// <summary>A database of three connections.</summary>
    private static async Task<PostgresDatabase> NarrowAsync() =>
        new(
            new NpgsqlConnectionStringBuilder(
                DatabaseUrl.ToConnectionString(await PostgresCluster.CreateDatabaseAsync())
            )
            {
                MaxPoolSize = 3,
            }.ToString(),
            TimeSpan.FromMinutes(5),
            TimeProvider.System,
            NullLogger<Database>.Instance
        );

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
